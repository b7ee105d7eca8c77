/*
 * C and C++.
 *
 *   function definition                 function; in a class, or with a qualified name: method
 *                                       named as its class: constructor
 *   struct, union, enum, class {...}    struct, union, enum, class (with a body: else it is a mere mention)
 *   enumerator                          enum member
 *   data member, `int A::x = 1`         field
 *   typedef, using X = ...              type alias
 *   #define                             macro
 *   variable at file level              variable (not `extern` without an initial value)
 *   namespace                           namespace
 *   concept                             trait
 *
 * Prototypes, functions that are deleted, forward declarations and local variables are no symbols. Members of a
 * nameless struct belong to what the struct is the type of (a typedef, a variable, a member), else to whatever is
 * around it. Exported: all but what is `static`, members that are private, and what stands in a nameless namespace.
 *
 * Macros that the grammar cannot know: `DEFINE_MUTEX(x)` at file level defines the variable x, `MACRO(name, ...) {...}`
 * the function `name`; a declaration without its semicolon is an attribute that was taken for one, and so is a reserved
 * name (`__packed`) behind a struct's body.
 */
#include <string.h>

#include "lang/rules/c_macros.h"
#include "lang/rules/table.h"

enum {
    NOTHING,
    IDENTIFIER, /* where a declarator ends */
    POINTER,    /* declarators that lead on by the field `declarator` or their first named child */
    PARENTHESES,
    FUNCTION,
    INITIAL, /* with an initial value */
    PLAIN,   /* other declarators around one */
    QUALIFIED,
    TEMPLATE_NAME,
    STORAGE,
    COMPOUND,
    CALL,
    TYPE_BODY, /* struct, union, class, enum */
    ACCESS,
    OPERATOR_CAST,
    MEMBERS,
    FUNCTION_DEFINITION,
    MACRO_TYPE,
};

/* What a declarator declares. */
typedef struct declared {
    wtfcb_lang_span name;
    TSNode parameters; /* null unless a function */
    bool is_function;  /* directly: a pointer to a function is a variable */
    bool is_qualified;
} declared;

/* The next node on the way from a declarator to its name; a null node at a dead end. */
static TSNode inner_declarator(const wtfcb_lang_visit *visit, TSNode node)
{
    TSNode inner = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_declarator);
    if (!ts_node_is_null(inner)) return inner;
    uint32_t count = ts_node_named_child_count(node);
    for (uint32_t i = 0; i < count && i < 8; i++) { /* past attributes, modifiers, comments and errors */
        inner = ts_node_named_child(node, i);
        if (wtfcb_lang_rules_tag(visit, inner) != NOTHING && !ts_node_is_error(inner)) return inner;
    }
    return (TSNode){0};
}

/* `operator bool() const`: the name ends where the list of parameters begins. */
static bool resolve_cast(const wtfcb_lang_visit *visit, TSNode node, declared *ret)
{
    TSNode list = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_declarator);
    ret->name = wtfcb_lang_rules_span(node);
    while (!ts_node_is_null(list) && ts_node_is_null(ret->parameters)) {
        ret->parameters = wtfcb_lang_rules_field(visit, list, WTFCB_LANG_FIELD_parameters);
        if (ts_node_is_null(ret->parameters)) list = wtfcb_lang_rules_field(visit, list, WTFCB_LANG_FIELD_declarator);
    }
    if (ts_node_is_null(ret->parameters)) return false;
    ret->is_function = true;
    ret->name.end = ts_node_start_byte(ret->parameters);
    while (ret->name.end > ret->name.start && visit->text[ret->name.end - 1] == ' ')
        ret->name.end--;
    return true;
}

/* Follow a declarator to its name; false if there is none. */
static bool resolve(const wtfcb_lang_visit *visit, TSNode node, declared *ret)
{
    bool parenthesised_pointer = false, parenthesised = false;
    *ret = (declared){0};
    while (!ts_node_is_null(node)) {
        switch (wtfcb_lang_rules_tag(visit, node)) {
        case IDENTIFIER: ret->name = wtfcb_lang_rules_span(node); return !ts_node_is_missing(node);
        case OPERATOR_CAST: return resolve_cast(visit, node, ret);
        case QUALIFIED:
            ret->is_qualified = true;
            node = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
            continue;
        case TEMPLATE_NAME: node = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name); continue;
        case FUNCTION: /* the innermost list of parameters is the declared function's own */
            ret->parameters = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_parameters);
            ret->is_function = true;
            parenthesised = false;
            break;
        case PARENTHESES: parenthesised = true; break;
        case POINTER:
            if (parenthesised) parenthesised_pointer = true;
            if (parenthesised_pointer) ret->is_function = false;
            break;
        case INITIAL:
        case PLAIN: break;
        default: return false;
        }
        node = inner_declarator(visit, node);
    }
    return false;
}

/* `(void)` has none. */
static uint32_t parameters(wtfcb_lang_visit *visit, TSNode list)
{
    uint32_t count = wtfcb_lang_rules_count(visit, list);
    if (count != 1) return count;
    TSNode child;
    uint32_t result = 1;
    for (bool more = wtfcb_lang_rules_first(visit, list, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (ts_node_is_named(child) && wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(child), "void")) result = 0;
    return result;
}

/* Names of a macro's parameters, and `...`. */
static void macro(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (!ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[0]);
}

static void include(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode path = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_path);
    (void)rule;
    if (ts_node_is_null(path)) return;
    wtfcb_lang_span text = wtfcb_lang_rules_unquote(visit, path);
    bool system = text.start > 0 && visit->text[text.start - 1] == '<';
    visit->import(visit, node, text, system ? WTFCB_IMPORT_SYSTEM : WTFCB_IMPORT_FILE);
}

/* The kind of a function by where it stands and what it is called. */
static uint32_t function_kind(const wtfcb_lang_visit *visit, const declared *d)
{
    wtfcb_lang_span name = d->name, type = visit->parent_name;
    if (visit->scope == WTFCB_LANG_SCOPE_TYPE) {
        bool same = name.end - name.start == type.end - type.start &&
                    memcmp(visit->text + name.start, visit->text + type.start, name.end - name.start) == 0;
        return same ? WTFCB_SYMBOL_CONSTRUCTOR : WTFCB_SYMBOL_METHOD;
    }
    if (!d->is_qualified) return WTFCB_SYMBOL_FUNCTION;
    uint32_t length = name.end - name.start; /* A::A */
    const char *text = visit->text + name.start;
    bool twice = name.start >= length + 2 && memcmp(text - 2, "::", 2) == 0 &&
                 memcmp(text - 2 - length, text, length) == 0 &&
                 (name.start == length + 2 || !wtfcb_lang_rules_is_word(text[-3 - (ptrdiff_t)length]));
    return twice ? WTFCB_SYMBOL_CONSTRUCTOR : WTFCB_SYMBOL_METHOD;
}

static void disguised_type(wtfcb_lang_visit *visit, TSNode node)
{
    TSNode body = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_body);
    if (ts_node_is_null(body)) return;
    wtfcb_lang_rules_head found = wtfcb_lang_rules_read_head(visit, node, body);
    if (!found.kind) return;
    visit->opens = found.kind == WTFCB_SYMBOL_NAMESPACE ? WTFCB_LANG_DO_SPACE : WTFCB_LANG_DO_TYPE;
    wtfcb_lang_definition definition = {.name = found.name, .node = node, .kind = found.kind, .recovered = true};
    visit->define(visit, &definition);
}

/* In `A::operator short() {` the grammar takes `A::operator` for the type. */
static void take_operator(const wtfcb_lang_visit *visit, declared *d)
{
    static const char word[] = "::operator ";
    uint32_t length = sizeof word - 1;
    if (d->is_qualified || d->name.start < length || d->name.column < length) return;
    if (memcmp(visit->text + d->name.start - length, word, length) != 0) return;
    d->name.start -= length - 2;
    d->name.column -= length - 2;
    d->is_qualified = true;
}

/*
 * `SYSCALL_DEFINE0(name) {` is a name in parentheses behind a type to the grammar; so is `name(void) {` if an attribute has cut off
 * what stood in front.
 */
static bool macro_function(wtfcb_lang_visit *visit, TSNode node, TSNode declarator)
{
    TSNode type = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type);
    if (visit->scope != WTFCB_LANG_SCOPE_FILE || ts_node_is_null(type) || ts_node_is_null(declarator)) return false;
    if (wtfcb_lang_rules_tag(visit, declarator) != PARENTHESES) return false;
    wtfcb_lang_span head = wtfcb_lang_rules_span(type);
    if (strcmp(ts_node_type(type), "type_identifier") != 0 || head.end != ts_node_start_byte(declarator)) return false;
    TSNode inner = inner_declarator(visit, declarator);
    if (ts_node_is_null(inner) || wtfcb_lang_rules_tag(visit, inner) != IDENTIFIER) return false;
    wtfcb_lang_span name = wtfcb_lang_rules_span(inner);
    if (wtfcb_lang_rules_is(visit, name, "void"))
        name = head;
    else if (!wtfcb_lang_rules_in_capitals(visit, head))
        return false;
    visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = WTFCB_SYMBOL_FUNCTION});
    return true;
}

static void function(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    declared d;
    TSNode declarator = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_declarator);
    (void)rule;
    if (visit->scope == WTFCB_LANG_SCOPE_FUNCTION && !visit->in_error &&
        ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type))) {
        visit->opens = 0; /* `__catch (...) {` */
        return;
    }
    if (!resolve(visit, declarator, &d) || ts_node_is_null(d.parameters)) {
        if (!macro_function(visit, node, declarator)) disguised_type(visit, node);
        return;
    }
    if (ts_node_is_null(wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_body)) &&
        wtfcb_lang_rules_has_child(visit, node, "delete_method_clause", NULL))
        return;
    take_operator(visit, &d);
    wtfcb_lang_definition definition = {
        .name = d.name,
        .node = node,
        .kind = function_kind(visit, &d),
        .parameters = parameters(visit, d.parameters),
    };
    visit->define(visit, &definition);
}

/* Whether a declaration ends without its semicolon: then attributes have cut it, or are all that it is. */
static bool is_cut(TSNode node)
{
    uint32_t count = ts_node_child_count(node);
    return count == 0 || ts_node_is_missing(ts_node_child(node, count - 1));
}

/* Each name of a declaration may search all its children: not in longer ones. */
#define MOST_CHILDREN 64

/* A name that is not reserved, in an error directly below a node; in a typedef any, behind the one that is known. */
static bool name_in_error(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span *name, bool in_typedef)
{
    TSNode child;
    bool found = false;
    if (!ts_node_has_error(node) || ts_node_child_count(node) > MOST_CHILDREN) return false;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        declared d;
        if (found || !ts_node_is_error(child) || ts_node_child_count(child) == 0) continue;
        if (!resolve(visit, ts_node_child(child, 0), &d)) continue;
        if (in_typedef ? d.name.start < name->end : wtfcb_lang_rules_starts(visit, d.name, "__")) continue;
        *name = d.name;
        found = true;
    }
    return found;
}

/*
 * In `int x __read_mostly` the grammar takes the attribute for the name, and the name for an error in front of it; in
 * `typedef u16 __bitwise x` for one behind it.
 */
static void prefer_plain_name(wtfcb_lang_visit *visit, TSNode node, TSNode declarator, wtfcb_lang_span *name,
                              bool in_typedef)
{
    if (!wtfcb_lang_rules_starts(visit, *name, "__") || name_in_error(visit, node, name, false)) return;
    if (in_typedef && name_in_error(visit, node, name, true)) return;
    for (int depth = 0; depth < 4 && !ts_node_is_null(declarator); depth++) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, declarator);
        if (tag != POINTER && tag != INITIAL && tag != PLAIN) return;
        if (name_in_error(visit, declarator, name, false)) return;
        declarator = inner_declarator(visit, declarator);
    }
}

/*
 * `static DEFINE_PER_CPU(int, x);`: a type with an error in it to the grammar, in front of whatever follows. The first
 * argument is the type's own, the others are in the error.
 */
static void static_definer(wtfcb_lang_visit *visit, TSNode node, TSNode type)
{
    TSNode macro = wtfcb_lang_rules_field(visit, type, WTFCB_LANG_FIELD_name), child;
    if (visit->scope != WTFCB_LANG_SCOPE_FILE || ts_node_is_null(macro) || !ts_node_has_error(type)) return;
    const wtfcb_lang_rules_definer *found = wtfcb_lang_rules_find_definer(visit, wtfcb_lang_rules_span(macro));
    if (!found || !found->kind) return;
    wtfcb_lang_definition definition = {.node = node, .kind = found->kind};
    for (bool more = wtfcb_lang_rules_first(visit, type, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        if (found->argument == 0 && wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_type))
            definition.name = wtfcb_lang_rules_span(child);
        if (found->argument == 0 || !ts_node_is_error(child) || definition.name.end > 0) continue;
        TSNode name = ts_node_named_child(child, found->argument - 1u);
        if (!ts_node_is_null(name) && wtfcb_lang_rules_tag(visit, name) == IDENTIFIER)
            definition.name = wtfcb_lang_rules_span(name);
    }
    if (definition.name.end > 0) visit->define(visit, &definition);
}

/* Variables and members of one declaration; each has the whole declaration as its range. */
static void declaration(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    uint32_t kind = rule->kinds[visit->scope];
    TSNode type = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type);
    if (!ts_node_is_null(type) && wtfcb_lang_rules_tag(visit, type) == MACRO_TYPE) static_definer(visit, node, type);
    if (!kind) return;
    bool is_extern = false, has_body = false, cut = is_cut(node);
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        declared d;
        if (tag == STORAGE && wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(child), "extern")) is_extern = true;
        if (tag == TYPE_BODY && !ts_node_is_null(wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_body)))
            has_body = true;
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_declarator)) continue;
        if (!resolve(visit, child, &d) || d.is_function) continue;
        if (is_extern && tag != INITIAL) continue;
        if (d.is_qualified) kind = WTFCB_SYMBOL_FIELD;
        wtfcb_lang_span name = d.name;
        if (!cut) prefer_plain_name(visit, node, child, &name, false);
        if (cut && !wtfcb_lang_rules_name_at_cut(visit, d.name, ts_node_end_byte(node), &name)) continue;
        if (has_body && tag == IDENTIFIER && wtfcb_lang_rules_starts(visit, name, "__")) continue;
        visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = kind});
        visit->own = true;
    }
}

/* Names of a typedef; `typedef int f(int)` names a type too. */
static void type_definition(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        declared d;
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_declarator) || !resolve(visit, child, &d)) continue;
        wtfcb_lang_span name = d.name;
        prefer_plain_name(visit, node, child, &name, true);
        visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = rule->kinds[0]});
        visit->own = true;
    }
}

/* An argument of a call by its number, if that is a name. */
static bool argument(wtfcb_lang_visit *visit, TSNode call, uint32_t number, wtfcb_lang_span *ret_name)
{
    TSNode arguments = wtfcb_lang_rules_field(visit, call, WTFCB_LANG_FIELD_arguments), child;
    bool found = false;
    if (ts_node_is_null(arguments)) return false;
    for (bool more = wtfcb_lang_rules_first(visit, arguments, &child); more;
         more = wtfcb_lang_rules_next(visit, &child)) {
        if (!ts_node_is_named(child) || ts_node_is_extra(child) || number-- > 0) continue;
        found = wtfcb_lang_rules_tag(visit, child) == IDENTIFIER;
        *ret_name = wtfcb_lang_rules_span(child);
        wtfcb_lang_rules_stop(visit);
        break;
    }
    return found;
}

/* A call at file level is a macro: one that defines something, or the head of a function whose body follows. */
static void file_call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span name;
    visit->pending = (wtfcb_lang_span){0};
    TSNode call = ts_node_child(node, 0);
    if (ts_node_is_null(call) || wtfcb_lang_rules_tag(visit, call) != CALL) return;
    TSNode called = wtfcb_lang_rules_field(visit, call, WTFCB_LANG_FIELD_function);
    if (ts_node_is_null(called)) return;
    const wtfcb_lang_rules_definer *found = wtfcb_lang_rules_find_definer(visit, wtfcb_lang_rules_span(called));
    if (!argument(visit, call, found ? found->argument : 0, &name)) return;
    if (is_cut(node)) {
        visit->pending = wtfcb_lang_rules_span(node);
        visit->pending_name = name;
        return;
    }
    if (!found || !found->kind || !rule->kinds[visit->scope]) return;
    visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = found->kind});
}

/* Whether a block follows the macro call that waits for one: nothing else may stand in between. */
static bool follows_pending(const wtfcb_lang_visit *visit, TSNode block)
{
    uint32_t start = ts_node_start_byte(block);
    if (visit->pending.end == 0 || start < visit->pending.end) return false;
    for (uint32_t i = visit->pending.end; i < start; i++)
        if (visit->text[i] == ';' || visit->text[i] == '}') return false;
    return true;
}

/* A block at file level belongs to the macro call in front of it. */
static void file_block(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (visit->above->tag == FUNCTION_DEFINITION) visit->opens = 0; /* a namespace in disguise */
    wtfcb_lang_definition definition = {
        .name = visit->pending_name, .node = node, .start = visit->pending, .kind = WTFCB_SYMBOL_FUNCTION};
    bool follows = follows_pending(visit, node);
    visit->pending = (wtfcb_lang_span){0};
    if (follows) visit->define(visit, &definition);
}

static bool exported_c(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    TSNode child;
    bool is_static = false;
    (void)name;
    if (kind != WTFCB_SYMBOL_FUNCTION && kind != WTFCB_SYMBOL_VARIABLE) return true;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        bool found = wtfcb_lang_rules_tag(visit, child) == STORAGE &&
                     wtfcb_lang_rules_is(visit, wtfcb_lang_rules_span(child), "static");
        if (found) is_static = true;
        if (!found && !wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_declarator)) continue;
        wtfcb_lang_rules_stop(visit); /* what follows are names: there may be thousands, and each asks */
        break;
    }
    return !is_static;
}

/* Members of a class are hidden or not by the last access specifier in front of them. */
static void access_specifier(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    if (visit->above->tag != MEMBERS) return;
    wtfcb_lang_span word = wtfcb_lang_rules_span(node);
    visit->access = wtfcb_lang_rules_starts(visit, word, "private")     ? WTFCB_VISIBILITY_PRIVATE
                    : wtfcb_lang_rules_starts(visit, word, "protected") ? WTFCB_VISIBILITY_PROTECTED
                                                                        : WTFCB_VISIBILITY_PUBLIC;
}

/* A type whose name may be qualified or a specialisation: the last part without its arguments counts. */
static void type_specifier(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    while (!ts_node_is_null(name)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, name);
        if (tag != QUALIFIED && tag != TEMPLATE_NAME) break;
        name = wtfcb_lang_rules_field(visit, name, WTFCB_LANG_FIELD_name);
    }
    if (!ts_node_is_null(name))
        wtfcb_lang_rules_define(visit, node, wtfcb_lang_rules_span(name), rule->kinds[visit->scope]);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define FLAT WTFCB_LANG_DO_FLAT
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define NEED_BODY WTFCB_LANG_DO_NEED_BODY
#define SCAN WTFCB_LANG_DO_SCAN
#define TYPE WTFCB_LANG_DO_TYPE

static const wtfcb_lang_rule_spec rows_c[] = {
    {.node = "function_definition", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION_DEFINITION, .hook = function},
    {.node = "declaration",
     .actions = SCAN,
     .kinds = {WTFCB_SYMBOL_VARIABLE, WTFCB_SYMBOL_FIELD, 0},
     .hook = declaration},
    {.node = "field_declaration",
     .actions = SCAN,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_FIELD),
     .hook = declaration},
    {.node = "type_definition",
     .actions = SCAN,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS),
     .hook = type_definition},
    {.node = "struct_specifier",
     .actions = NEED_BODY | TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_STRUCT),
     .tag = TYPE_BODY},
    {.node = "union_specifier",
     .actions = NEED_BODY | TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_UNION),
     .tag = TYPE_BODY},
    {.node = "enum_specifier",
     .actions = NEED_BODY | TYPE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM),
     .tag = TYPE_BODY},
    {.node = "enumerator", .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_ENUM_MEMBER)},
    {.node = "preproc_def",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MACRO),
     .hook = macro},
    {.node = "preproc_function_def",
     .actions = WTFCB_LANG_DO_SKIP,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_MACRO),
     .hook = macro},
    {.node = "preproc_include", .actions = WTFCB_LANG_DO_SKIP, .hook = include},
    {.node = "expression_statement", .actions = SCAN, .kinds = {WTFCB_SYMBOL_VARIABLE, 0, 0}, .hook = file_call},
    {.node = "compound_statement",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = {WTFCB_SYMBOL_FUNCTION, 0, 0},
     .tag = COMPOUND,
     .hook = file_block},

    {.node = "identifier", .tag = IDENTIFIER},
    {.node = "field_identifier", .tag = IDENTIFIER},
    {.node = "type_identifier", .tag = IDENTIFIER},
    {.node = "pointer_declarator", .actions = SCAN, .tag = POINTER},
    {.node = "array_declarator", .tag = PLAIN},
    {.node = "attributed_declarator", .tag = PLAIN},
    {.node = "init_declarator", .tag = INITIAL},
    {.node = "parenthesized_declarator", .tag = PARENTHESES},
    {.node = "function_declarator", .actions = SCAN, .tag = FUNCTION},
    {.node = "macro_type_specifier", .tag = MACRO_TYPE},
    {.node = "storage_class_specifier", .actions = WTFCB_LANG_DO_SKIP, .tag = STORAGE},
    {.node = "return_statement", .actions = SCAN},
    {.node = "call_expression", .actions = SCAN, .tag = CALL},
    {.node = "variadic_parameter", .actions = WTFCB_LANG_DO_NO_COUNT},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "else_clause", .actions = FLAT | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "switch_statement", .actions = COST | NEST},
    {.node = "case", .actions = TOKEN | BRANCH},
    {.node = "conditional_expression", .actions = BRANCH | COST | NEST},
    {.node = "goto_statement", .actions = FLAT},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "{", .actions = TOKEN | WTFCB_LANG_DO_OPEN},
    {.node = "}", .actions = TOKEN | WTFCB_LANG_DO_CLOSE},

    {.node = "string_literal", .actions = WTFCB_LANG_DO_SKIP},
    {.node = "char_literal", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_c = {.grammar = "c",
                                                  .rows = rows_c,
                                                  .count = sizeof rows_c / sizeof *rows_c,
                                                  .signs = "{?",
                                                  .double_signs = "&|",
                                                  .exported = exported_c,
                                                  .parameters = parameters};

#define CLASS_LIKE(type, flags, kind)                                                                                  \
    {                                                                                                                  \
        .node = type, .actions = NEED_BODY | TYPE | (flags), .kinds = WTFCB_LANG_ANYWHERE(kind), .tag = TYPE_BODY,     \
        .hook = type_specifier                                                                                         \
    }

static const wtfcb_lang_rule_spec rows_cpp[] = {
    CLASS_LIKE("class_specifier", WTFCB_LANG_DO_HIDDEN, WTFCB_SYMBOL_CLASS),
    CLASS_LIKE("struct_specifier", 0, WTFCB_SYMBOL_STRUCT),
    CLASS_LIKE("union_specifier", 0, WTFCB_SYMBOL_UNION),
    {.node = "field_declaration_list", .tag = MEMBERS},
    {.node = "access_specifier", .actions = WTFCB_LANG_DO_SKIP, .hook = access_specifier},
    {.node = "namespace_definition",
     .actions = WTFCB_LANG_DO_SPACE,
     .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_NAMESPACE)},
    {.node = "alias_declaration", .actions = SCAN, .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "concept_definition", .kinds = WTFCB_LANG_ANYWHERE(WTFCB_SYMBOL_TRAIT)},
    {.node = "template_declaration", .actions = WTFCB_LANG_DO_WRAP},
    {.node = "template_parameter_list", .actions = SCAN},
    {.node = "lambda_expression", .actions = WTFCB_LANG_DO_FUNCTION},

    {.node = "reference_declarator", .actions = SCAN, .tag = PLAIN},
    {.node = "qualified_identifier", .actions = SCAN, .tag = QUALIFIED},
    {.node = "template_function", .tag = TEMPLATE_NAME},
    {.node = "template_type", .actions = SCAN, .tag = TEMPLATE_NAME},
    {.node = "template_method", .tag = TEMPLATE_NAME},
    {.node = "dependent_name", .tag = PLAIN},
    {.node = "operator_name", .tag = IDENTIFIER},
    {.node = "destructor_name", .actions = WTFCB_LANG_DO_SKIP, .tag = IDENTIFIER},
    {.node = "operator_cast", .tag = OPERATOR_CAST},

    {.node = "for_range_loop", .actions = BRANCH | COST | NEST},
    {.node = "catch_clause", .actions = BRANCH | COST | NEST},
    {.node = "and", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "or", .actions = TOKEN | WTFCB_LANG_DO_OR},
    {.node = "raw_string_literal", .actions = WTFCB_LANG_DO_SKIP},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_cpp = {.grammar = "cpp",
                                                    .base = &wtfcb_lang_rules_c,
                                                    .rows = rows_cpp,
                                                    .count = sizeof rows_cpp / sizeof *rows_cpp,
                                                    .signs = "{?",
                                                    .double_signs = "&|",
                                                    .words = "and or",
                                                    .exported = exported_c,
                                                    .parameters = parameters};
