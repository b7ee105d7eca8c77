/* What the parts of the page's writer know of each other: export_html.c fills the template, export_html_data.c writes what its script draws from. */
#ifndef WTFCB_PROFILER_EXPORT_HTML_H
#define WTFCB_PROFILER_EXPORT_HTML_H

#include "base/json.h"
#include "profiler/profile.h"

/*
 * The profile as the page's script wants it: keys are those of the profile's own JSON, but the timeline is one joined course and nodes are columns. `<` is escaped, so that it can
 * stand inside a script element.
 */
void wtfcb_profiler_html_data(const wtfcb_profile *profile, wtfcb_base_writer *out);

/* Of it, into an object that is open, what page/timeline.js draws from beside figures of the summary: metrics, course, sections. */
void wtfcb_profiler_html_timeline(wtfcb_base_json *json, const wtfcb_profile *profile);

#endif
