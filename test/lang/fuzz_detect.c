/*
 * Detection of languages: the first line of the input is the path, the rest the file's content. Any answer is one of
 * the table's, the same each time, and nothing beside the two texts is read.
 */
#include "../fuzz.h"

#include "lang/count.h"
#include "lang/detect.h"

static wtfcb_languages *languages;

int LLVMFuzzerInitialize(const int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return wtfcb_languages_new(NULL, &languages);
}

static void check(wtfcb_lang_detection detection)
{
    FUZZ_ASSERT(detection.language == WTFCB_LANG_NONE || detection.language < languages->count);
    FUZZ_ASSERT(detection.how <= WTFCB_LANG_BY_CONTENT);
    FUZZ_ASSERT(detection.rule <= WTFCB_LANG_SHARED_MAX);
    FUZZ_ASSERT((detection.how == WTFCB_LANG_BY_NOTHING) == (detection.language == WTFCB_LANG_NONE));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t rest;
    size_t path_length = fuzz_first_line(data, size, &rest);
    char *path = fuzz_copy(data, path_length, 0, 0);
    size_t length = size - rest;
    char *content = fuzz_copy(data + rest, length, 0, 0);

    wtfcb_lang_detection by_path = wtfcb_lang_detect_path(languages, path, path_length);
    check(by_path);
    wtfcb_lang_detection detection = wtfcb_lang_detect_content(languages, by_path, content, length);
    check(detection);
    wtfcb_lang_detection again = wtfcb_lang_detect_content(languages, by_path, content, length);
    FUZZ_ASSERT(detection.language == again.language && detection.how == again.how);
    wtfcb_lang_detection empty = wtfcb_lang_detect_content(languages, by_path, content, 0);
    check(empty);
    (void)wtfcb_lang_is_binary(content, length);
    (void)wtfcb_lang_is_utf16(content, length);
    (void)wtfcb_lang_find(languages, path, path_length);
    free(content);
    free(path);
    return 0;
}
