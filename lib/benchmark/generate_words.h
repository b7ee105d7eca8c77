/* Word lists of generated projects; their lengths are powers of two, so that a walk by an odd stride meets each word once. */
#ifndef WTFCB_BENCHMARK_GENERATE_WORDS_H
#define WTFCB_BENCHMARK_GENERATE_WORDS_H

enum {
    WTFCB_BENCHMARK_VERBS = 64,
    WTFCB_BENCHMARK_NOUNS = 128,
    WTFCB_BENCHMARK_ADJECTIVES = 32,
    WTFCB_BENCHMARK_SUFFIXES = 16,
    WTFCB_BENCHMARK_AREAS = 64,
    WTFCB_BENCHMARK_COMPONENTS = 32
};

extern const char *const wtfcb_benchmark_verbs[WTFCB_BENCHMARK_VERBS];
extern const char *const wtfcb_benchmark_nouns[WTFCB_BENCHMARK_NOUNS];
extern const char *const wtfcb_benchmark_adjectives[WTFCB_BENCHMARK_ADJECTIVES];
extern const char *const wtfcb_benchmark_suffixes[WTFCB_BENCHMARK_SUFFIXES];
extern const char *const wtfcb_benchmark_areas[WTFCB_BENCHMARK_AREAS];
extern const char *const wtfcb_benchmark_components[WTFCB_BENCHMARK_COMPONENTS];

#endif
