/*
 * The writers of a profile, one file each: export_json.c, export_speedscope.c, export_chrome.c, export_pprof.c, export_collapsed.c, export_html.c. They read
 * a sealed profile and write to a writer; a format is one row in the table of export.c.
 */
#ifndef WTFCB_PROFILER_EXPORT_H
#define WTFCB_PROFILER_EXPORT_H

#include "base/writer.h"
#include "profiler/profile.h"

/* Each: WTFCB_OK, WTFCB_ENOMEM, or the writer's status. */
wtfcb_status wtfcb_profiler_export_json(const wtfcb_profile *profile, wtfcb_base_writer *out);
wtfcb_status wtfcb_profiler_export_speedscope(const wtfcb_profile *profile, wtfcb_base_writer *out);
wtfcb_status wtfcb_profiler_export_chrome(const wtfcb_profile *profile, wtfcb_base_writer *out);
wtfcb_status wtfcb_profiler_export_pprof(const wtfcb_profile *profile, wtfcb_base_writer *out);
wtfcb_status wtfcb_profiler_export_collapsed(const wtfcb_profile *profile, wtfcb_base_writer *out);
wtfcb_status wtfcb_profiler_export_html(const wtfcb_profile *profile, wtfcb_base_writer *out);

#endif
