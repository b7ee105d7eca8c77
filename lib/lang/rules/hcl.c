/*
 * HCL, Terraform's language.
 *
 *   variable "x"                        variable            module "x"              module
 *   output "x"                          property            provider "x"            namespace
 *   any other block at file level       struct              a labelled block in one struct
 *   attribute at file level             variable            attribute in `locals`   constant
 *
 * A block is named by its last label, or by its type if it has none: `resource "aws_instance" "web"` is "web", with all
 * of that as its signature. Attributes in other blocks, and blocks without a label inside blocks, are settings and no
 * symbols. All are public. Imports: `source` of a module, a file if it begins with a dot or a slash. Expressions are not
 * looked into: HCL has no functions of its own.
 */
#include <string.h>

#include "lang/rules/table.h"

static const struct {
    const char *type;
    uint32_t kind;
} blocks[] = {
    {"variable", WTFCB_SYMBOL_VARIABLE},
    {"output", WTFCB_SYMBOL_PROPERTY},
    {"module", WTFCB_SYMBOL_MODULE},
    {"provider", WTFCB_SYMBOL_NAMESPACE},
};

static uint32_t kind_of(const wtfcb_lang_visit *visit, wtfcb_lang_span type)
{
    if (visit->scope == WTFCB_LANG_SCOPE_FILE && type.end <= visit->length)
        for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
            if (wtfcb_lang_rules_is(visit, type, blocks[i].type)) return blocks[i].kind;
    return WTFCB_SYMBOL_STRUCT;
}

static void block(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child, type = ts_node_named_child(node, 0), label = type;
    (void)rule;
    if (ts_node_is_null(type)) return;
    uint32_t labels = 0, head = ts_node_start_byte(node);
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        const char *what = ts_node_type(child);
        if (strcmp(what, "identifier") != 0 && strcmp(what, "string_lit") != 0) {
            if (strcmp(what, "block_start") != 0) continue;
            wtfcb_lang_rules_stop(visit);
            break;
        }
        label = child;
        labels++;
        head = ts_node_end_byte(child);
    }
    if (labels < 2 && visit->scope != WTFCB_LANG_SCOPE_FILE) {
        visit->opens = WTFCB_LANG_DO_FUNCTION;
        return;
    }
    wtfcb_lang_definition definition = {.name = wtfcb_lang_rules_unquote(visit, label),
                                        .node = node,
                                        .kind = kind_of(visit, wtfcb_lang_rules_span(type)),
                                        .signature_end = head};
    visit->define(visit, &definition);
}

/* The string in `source = "..."`. */
static void module_source(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode value = ts_node_named_child(node, 1);
    if (ts_node_is_null(value)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_unquote(visit, value);
    if (text.end > visit->length || text.start >= text.end) return;
    char first = wtfcb_lang_rules_byte(visit, text);
    visit->import(visit, node, text, first == '.' || first == '/' ? WTFCB_IMPORT_FILE : WTFCB_IMPORT_MODULE);
}

static void attribute(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = ts_node_named_child(node, 0);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span span = wtfcb_lang_rules_span(name);
    bool in_block = visit->scope == WTFCB_LANG_SCOPE_TYPE;
    if (in_block && visit->parent_kind == WTFCB_SYMBOL_MODULE && wtfcb_lang_rules_is(visit, span, "source"))
        module_source(visit, node);
    if (!in_block || wtfcb_lang_rules_is(visit, visit->parent_name, "locals"))
        wtfcb_lang_rules_define(visit, node, span, rule->kinds[visit->scope]);
}

static const wtfcb_lang_rule_spec rows[] = {
    {.node = "block",
     .actions = WTFCB_LANG_DO_TYPE,
     .kinds = {WTFCB_SYMBOL_STRUCT, WTFCB_SYMBOL_STRUCT, 0},
     .hook = block},
    {.node = "attribute",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_CONSTANT, 0},
     .hook = attribute},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_hcl = {
    .grammar = "hcl", .rows = rows, .count = sizeof rows / sizeof *rows};
