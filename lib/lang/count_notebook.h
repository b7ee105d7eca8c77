/* Jupyter notebooks: the part of the line counter in count_notebook.c. */
#ifndef WTFCB_LANG_COUNT_NOTEBOOK_H
#define WTFCB_LANG_COUNT_NOTEBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "lang/count_scan.h"
#include "lang/languages.h"

static inline bool wtfcb_lang_is_notebook(const wtfcb_languages *languages, uint16_t language)
{
    return language != WTFCB_LANG_NONE && languages->rows[language].syntax == WTFCB_LANG_SYNTAX_notebook;
}

/*
 * Count a notebook, as wtfcb_lang_count_with() would, byte order mark aside; cells are appended to `children`. False: it
 * is none, or damaged, and nothing was written but `*ret_status`. Otherwise that is WTFCB_OK or WTFCB_ENOMEM.
 */
bool wtfcb_lang_count_notebook(enum wtfcb_lang_simd simd, const wtfcb_languages *languages, const char *bytes,
                               size_t length, wtfcb_lang_counts *ret_counts, wtfcb_lang_children *children,
                               wtfcb_status *ret_status);

#endif
