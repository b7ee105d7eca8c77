/* Keys of data languages; see keys.h. The level of a key is told by what the keys around it opened. */
#include "lang/rules/keys.h"

enum { MOST_KEYS = 1000, MEDIUM = 256 << 10, LARGE = 2 << 20 };

bool wtfcb_lang_rules_key_crowd(TSNode node)
{
    return ts_node_named_child_count(node) > MOST_KEYS;
}

/* How many levels of keys are symbols. */
static uint32_t levels(const wtfcb_lang_visit *visit)
{
    if (visit->length <= MEDIUM) return 3;
    if (visit->in_error) return 0;
    return visit->length <= LARGE ? 2 : 1;
}

/* Level 1 stands in the file and opens a space, level 2 in that space opens a type, level 3 in that a function. */
static uint32_t level(const wtfcb_lang_visit *visit)
{
    if (visit->scope == WTFCB_LANG_SCOPE_TYPE) return 3;
    return visit->parent == WTFCB_LANG_NO_SYMBOL ? 1 : 2;
}

/* Keys that span lines are rather a mistake of the text. */
static bool is_line(const wtfcb_lang_visit *visit, wtfcb_lang_span name)
{
    if (name.end > visit->length || name.end <= name.start) return false;
    for (uint32_t i = name.start; i < name.end; i++)
        if (visit->text[i] == '\n') return false;
    return true;
}

void wtfcb_lang_rules_key(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, TSNode map)
{
    uint32_t here = level(visit), last = levels(visit);
    visit->opens = WTFCB_LANG_DO_FUNCTION;
    if (here > last || !is_line(visit, name)) return;
    bool is_map = !ts_node_is_null(map);
    wtfcb_lang_rules_define(visit, node, name, is_map ? WTFCB_SYMBOL_MODULE : WTFCB_SYMBOL_PROPERTY);
    if (is_map && here < last && !wtfcb_lang_rules_key_crowd(map))
        visit->opens = here == 1 ? WTFCB_LANG_DO_SPACE : WTFCB_LANG_DO_TYPE;
}
