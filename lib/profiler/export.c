/*
 * Writing a profile out: which formats there are, and which of them a file's name asks for. A format is a row here and a file of its own.
 */
#include "profiler/export.h"

#include <stdbool.h>
#include <string.h>

typedef wtfcb_status (*export_fn)(const wtfcb_profile *profile, wtfcb_base_writer *out);

/* The first row whose ending a name has is chosen; JSON, which is for all other names, is the last. */
static const struct format {
    int32_t id;
    const char *ending;
    export_fn write;
} formats[] = {
    {WTFCB_PROFILE_SPEEDSCOPE, ".speedscope.json", wtfcb_profiler_export_speedscope},
    {WTFCB_PROFILE_CHROME, ".trace.json", wtfcb_profiler_export_chrome},
    {WTFCB_PROFILE_PPROF, ".pb.gz", wtfcb_profiler_export_pprof},
    {WTFCB_PROFILE_COLLAPSED, ".folded", wtfcb_profiler_export_collapsed},
    {WTFCB_PROFILE_HTML, ".html", wtfcb_profiler_export_html},
    {WTFCB_PROFILE_JSON, "", wtfcb_profiler_export_json},
};

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text);
    size_t tail = strlen(ending);
    return length >= tail && memcmp(text + length - tail, ending, tail) == 0;
}

/* NULL if there is none of that number. */
static const struct format *find(int32_t id, const char *path)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (id == WTFCB_PROFILE_BY_NAME ? ends_with(path, formats[i].ending) : id == formats[i].id) return &formats[i];
    }
    return NULL;
}

wtfcb_status wtfcb_profile_write(const wtfcb_profile *profile, int32_t format, wtfcb_write_fn write, void *user)
{
    if (!profile || !write || format == WTFCB_PROFILE_BY_NAME) return WTFCB_EINVAL;
    const struct format *chosen = find(format, "");
    if (!chosen) return WTFCB_EINVAL;
    wtfcb_base_writer out;
    wtfcb_base_writer_init(&out, write, user);
    wtfcb_status status = chosen->write(profile, &out);
    wtfcb_status written = wtfcb_base_writer_flush(&out);
    return status == WTFCB_OK ? written : status;
}

typedef struct task {
    const wtfcb_profile *profile;
    const struct format *format;
} task;

static wtfcb_status fill(void *user, wtfcb_base_writer *out)
{
    const task *t = user;
    return t->format->write(t->profile, out);
}

wtfcb_status wtfcb_profile_save(const wtfcb_profile *profile, const char *path, int32_t format, wtfcb_error *ret_error)
{
    if (!profile || !path) return WTFCB_EINVAL;
    task t = {profile, find(format, path)};
    if (!t.format) return WTFCB_EINVAL;
    return wtfcb_base_writer_save(path, fill, &t, ret_error);
}
