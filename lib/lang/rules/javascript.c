/*
 * JavaScript, TypeScript and TSX.
 *
 *   function, function*                 function (a signature without a body too, as declaration files have them)
 *   class                               class
 *   method, getter, setter              method; constructor()                constructor
 *   class field                         field; method if it holds a function
 *   const, let, var at file level       constant, variable; function or class if that is what they hold
 *   key of a literal that a variable    property; method if it holds a function
 *     at file level holds
 *   a.b = function, b = function        function; a.prototype.b = ...: method (in `a.b = c.d = x` both)
 *   module.exports = {...}              property `exports`, which holds the keys; exports.x = {...}: property `x`
 *   interface, its members              interface, property, method
 *   type X = ...                        type alias
 *   enum, member                        enum, enum member
 *   namespace X, module "x"             namespace, module
 *
 * Local variables are symbols only when they hold a function or a class. Exported: `export` in front or by name,
 * `exports.x = `, what `module.exports = ` names, and members that are not private of what is exported. Imports: from, import(), require(); a path that
 * begins with a dot or a slash is a file.
 */
#include "lang/rules/table.h"

enum {
    NOTHING,
    NAME,
    FUNCTION, /* expressions that make a function */
    CLASS,
    OBJECT,
    MEMBER, /* a.b */
    PATTERN,
    PAIR,
    STRING,
    CLAUSE,
    SPECIFIER,
    REQUIRE,
    INTERFACE_BODY,
    CLASS_BODY,
    ASSIGNMENT,
    OBJECT_TYPE,
    LOOP,
    CHAIN, /* a = b */
    KEY,   /* a: b in an object */
    SHORTHAND,
};

static wtfcb_lang_span key_span(wtfcb_lang_visit *visit, TSNode key)
{
    return wtfcb_lang_rules_tag(visit, key) == STRING ? wtfcb_lang_rules_unquote(visit, key)
                                                      : wtfcb_lang_rules_span(key);
}

/* Define a name for a value: what holds a function or a class is one, and owns it. */
static void define_value(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, TSNode value, uint32_t kind,
                         uint32_t function_kind, bool exported)
{
    uint8_t tag = ts_node_is_null(value) ? (uint8_t)NOTHING : wtfcb_lang_rules_tag(visit, value);
    wtfcb_lang_definition definition = {.name = name, .node = node, .kind = kind, .exported = exported};
    if (tag == FUNCTION) {
        definition.kind = function_kind;
        TSNode list = wtfcb_lang_rules_field(visit, value, WTFCB_LANG_FIELD_parameters);
        definition.parameters = wtfcb_lang_rules_count(visit, list);
        if (ts_node_is_null(list)) /* x => x */
            definition.parameters = !ts_node_is_null(wtfcb_lang_rules_field(visit, value, WTFCB_LANG_FIELD_parameter));
    }
    if (tag == CLASS) definition.kind = WTFCB_SYMBOL_CLASS;
    if (definition.kind == 0) return;
    visit->define(visit, &definition);
    visit->own = tag == FUNCTION || tag == CLASS || tag == OBJECT;
}

/* Names of `{ a, b: c }` and `[a, b]`, one level deep. */
static void define_pattern(wtfcb_lang_visit *visit, TSNode node, TSNode pattern, uint32_t kind)
{
    TSNode child;
    for (bool more = wtfcb_lang_rules_first(visit, pattern, &child); more;
         more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == PAIR) child = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_value);
        if (tag == ASSIGNMENT) child = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_left);
        if (ts_node_is_null(child) || wtfcb_lang_rules_tag(visit, child) != NAME) continue;
        wtfcb_lang_span name = wtfcb_lang_rules_span(child);
        visit->define(visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = kind});
    }
}

/* Notes for its declarators whether they are constants. */
static void declaration(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    (void)rule;
    visit->pending = wtfcb_lang_rules_span(node);
    if (visit->above->tag == LOOP) visit->pending.end = visit->pending.start; /* `for (let i...`: local to the loop */
}

static void declarator(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    uint32_t kind = 0;
    (void)rule;
    if (ts_node_is_null(name)) return;
    bool in_loop = visit->pending.end == visit->pending.start && visit->text[visit->pending.start] != 'v';
    if (visit->scope == WTFCB_LANG_SCOPE_FILE && !in_loop) {
        bool constant = wtfcb_lang_rules_starts(visit, visit->pending, "const");
        kind = constant ? WTFCB_SYMBOL_CONSTANT : WTFCB_SYMBOL_VARIABLE;
    }
    uint8_t tag = wtfcb_lang_rules_tag(visit, name);
    if (tag == NAME) {
        define_value(visit, node, wtfcb_lang_rules_span(name), value, kind, WTFCB_SYMBOL_FUNCTION, false);
        TSNode type = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_type); /* x: { a: number } */
        if (!ts_node_is_null(type)) type = ts_node_named_child(type, 0);
        if (!ts_node_is_null(type) && wtfcb_lang_rules_tag(visit, type) == OBJECT_TYPE) visit->own = true;
    }
    if (tag == PATTERN && kind) define_pattern(visit, node, name, kind);
}

/* How long a chain of assignments is looked through, so that each of its nodes costs no more than that. */
#define LONGEST_CHAIN 8

static bool is_exports(const wtfcb_lang_visit *visit, TSNode left)
{
    wtfcb_lang_span text = wtfcb_lang_rules_span(left);
    return visit->scope == WTFCB_LANG_SCOPE_FILE &&
           (wtfcb_lang_rules_is(visit, text, "module.exports") || wtfcb_lang_rules_is(visit, text, "exports"));
}

/* `module.exports = a` exports a, `module.exports = { a, b: c }` a and c. */
static void export_value(wtfcb_lang_visit *visit, TSNode value)
{
    TSNode child;
    uint8_t tag = wtfcb_lang_rules_tag(visit, value);
    if (tag == NAME) visit->export_name(visit, wtfcb_lang_rules_span(value));
    if (tag != OBJECT) return;
    for (bool more = wtfcb_lang_rules_first(visit, value, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        TSNode named = child;
        if (wtfcb_lang_rules_tag(visit, child) == KEY)
            named = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_value);
        if (ts_node_is_null(named)) continue;
        tag = wtfcb_lang_rules_tag(visit, named);
        if (tag == SHORTHAND || tag == NAME) visit->export_name(visit, wtfcb_lang_rules_span(named));
    }
}

/* The object that a module exports holds its keys like that of a variable. */
static void define_exports(wtfcb_lang_visit *visit, TSNode node, TSNode left)
{
    TSNode property = wtfcb_lang_rules_field(visit, left, WTFCB_LANG_FIELD_property);
    wtfcb_lang_span name = wtfcb_lang_rules_span(ts_node_is_null(property) ? left : property);
    visit->define(
        visit, &(wtfcb_lang_definition){.name = name, .node = node, .kind = WTFCB_SYMBOL_PROPERTY, .exported = true});
    visit->own = true;
}

/* a.b = function () {}, a.prototype.b = ..., exports.b = ... */
static void assignment(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode left = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_left);
    TSNode right = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_right);
    (void)rule;
    if (ts_node_is_null(left) || ts_node_is_null(right)) return;
    for (int depth = 0; depth < LONGEST_CHAIN && wtfcb_lang_rules_tag(visit, right) == CHAIN; depth++)
        right = wtfcb_lang_rules_field(visit, right, WTFCB_LANG_FIELD_right);
    if (ts_node_is_null(right)) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, right);
    if (tag != FUNCTION && tag != CLASS && tag != NAME && tag != OBJECT) return;
    if (is_exports(visit, left)) {
        export_value(visit, right);
    }
    if (tag == OBJECT) {
        TSNode object = wtfcb_lang_rules_field(visit, left, WTFCB_LANG_FIELD_object);
        if (is_exports(visit, left) || (!ts_node_is_null(object) && is_exports(visit, object)))
            define_exports(visit, node, left);
        return;
    }
    uint32_t kind = WTFCB_SYMBOL_FUNCTION;
    bool exported = false;
    if (wtfcb_lang_rules_tag(visit, left) == MEMBER) {
        TSNode object = wtfcb_lang_rules_field(visit, left, WTFCB_LANG_FIELD_object);
        wtfcb_lang_span of = ts_node_is_null(object) ? (wtfcb_lang_span){0} : wtfcb_lang_rules_span(object);
        exported = wtfcb_lang_rules_is(visit, of, "exports") || wtfcb_lang_rules_is(visit, of, "module.exports");
        if (wtfcb_lang_rules_ends(visit, of, ".prototype")) kind = WTFCB_SYMBOL_METHOD;
        left = wtfcb_lang_rules_field(visit, left, WTFCB_LANG_FIELD_property);
    }
    if (ts_node_is_null(left) || wtfcb_lang_rules_tag(visit, left) != NAME) return;
    bool by_name = tag == NAME; /* a.prototype.b = someFunction */
    if (by_name && kind != WTFCB_SYMBOL_METHOD) return;
    define_value(visit, node, wtfcb_lang_rules_span(left), right, by_name ? kind : 0, kind, exported);
}

/* A key of an object literal. */
static void pair(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode key = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_key);
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    (void)rule;
    if (ts_node_is_null(key) || visit->above->tag != OBJECT) return;
    uint8_t tag = wtfcb_lang_rules_tag(visit, key);
    if (tag != NAME && tag != STRING) return;
    uint32_t kind = visit->scope == WTFCB_LANG_SCOPE_TYPE ? WTFCB_SYMBOL_PROPERTY : 0u;
    define_value(visit, node, key_span(visit, key), value, kind, WTFCB_SYMBOL_METHOD, false);
}

/* `name` in this grammar, `property` in JavaScript's. */
static void field(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_property);
    TSNode value = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_value);
    if (ts_node_is_null(name)) return;
    define_value(visit, node, key_span(visit, name), value, rule->kinds[visit->scope], WTFCB_SYMBOL_METHOD, false);
}

static void method(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (ts_node_is_null(name)) return;
    wtfcb_lang_span span = key_span(visit, name);
    uint32_t kind = rule->kinds[visit->scope];
    if (kind == WTFCB_SYMBOL_METHOD && wtfcb_lang_rules_is(visit, span, "constructor")) kind = WTFCB_SYMBOL_CONSTRUCTOR;
    wtfcb_lang_rules_define(visit, node, span, kind);
}

/* Members of interfaces; the same nodes make up types that have no name. */
static void signature(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    if (visit->above->tag == INTERFACE_BODY || visit->above->tag == CLASS_BODY || visit->above->tag == OBJECT_TYPE)
        method(visit, node, rule);
}

static void named(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode name = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_name);
    if (!ts_node_is_null(name)) wtfcb_lang_rules_define(visit, node, key_span(visit, name), rule->kinds[visit->scope]);
}

static void enum_body(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        TSNode name = child;
        if (!wtfcb_lang_rules_at_field(visit, WTFCB_LANG_FIELD_name))
            name = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_name);
        if (ts_node_is_null(name) || !ts_node_is_named(name)) continue;
        wtfcb_lang_definition definition = {
            .name = key_span(visit, name), .node = child, .kind = WTFCB_SYMBOL_ENUM_MEMBER};
        visit->define(visit, &definition);
    }
}

static void import_text(wtfcb_lang_visit *visit, TSNode node, TSNode source, uint32_t kind)
{
    wtfcb_lang_span text = wtfcb_lang_rules_unquote(visit, source);
    if (text.start >= text.end) return;
    char first = wtfcb_lang_rules_byte(visit, text);
    if (kind == WTFCB_IMPORT_MODULE && (first == '.' || first == '/')) kind = WTFCB_IMPORT_FILE;
    visit->import(visit, node, text, kind);
}

static void import(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode source = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_source), child;
    (void)rule;
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child))
        if (wtfcb_lang_rules_tag(visit, child) == REQUIRE)
            source = wtfcb_lang_rules_field(visit, child, WTFCB_LANG_FIELD_source);
    if (!ts_node_is_null(source)) import_text(visit, node, source, WTFCB_IMPORT_MODULE);
}

/* export ... from "x"; export { a, b }; export default a; export = a */
static void export(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    TSNode source = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_source), child, name;
    (void)rule;
    if (!ts_node_is_null(source)) {
        import_text(visit, node, source, WTFCB_IMPORT_REEXPORT);
        return;
    }
    for (bool more = wtfcb_lang_rules_first(visit, node, &child); more; more = wtfcb_lang_rules_next(visit, &child)) {
        uint8_t tag = wtfcb_lang_rules_tag(visit, child);
        if (tag == NAME) visit->export_name(visit, wtfcb_lang_rules_span(child));
        if (tag != CLAUSE) continue;
        for (bool some = wtfcb_lang_rules_first(visit, child, &name); some;
             some = wtfcb_lang_rules_next(visit, &name)) {
            if (wtfcb_lang_rules_tag(visit, name) != SPECIFIER) continue;
            TSNode original = wtfcb_lang_rules_field(visit, name, WTFCB_LANG_FIELD_name);
            if (!ts_node_is_null(original)) visit->export_name(visit, wtfcb_lang_rules_span(original));
        }
    }
}

/* require("x") and import("x"); told by their text, because calls are frequent. */
static void call(wtfcb_lang_visit *visit, TSNode node, const wtfcb_lang_rule *rule)
{
    wtfcb_lang_span span = {.start = ts_node_start_byte(node), .end = ts_node_end_byte(node)};
    (void)rule;
    if (!wtfcb_lang_rules_starts(visit, span, "require(") && !wtfcb_lang_rules_starts(visit, span, "import(")) return;
    TSNode arguments = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_arguments);
    TSNode called = wtfcb_lang_rules_field(visit, node, WTFCB_LANG_FIELD_function);
    if (ts_node_is_null(arguments) || ts_node_is_null(called)) return;
    if (ts_node_end_byte(called) != span.start + (wtfcb_lang_rules_byte(visit, span) == 'r' ? 7u : 6u)) return;
    TSNode source = ts_node_named_child(arguments, 0);
    if (!ts_node_is_null(source) && wtfcb_lang_rules_tag(visit, source) == STRING)
        import_text(visit, node, source, WTFCB_IMPORT_DYNAMIC);
}

static bool exported(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    if (kind == WTFCB_SYMBOL_MODULE) return true; /* declare module "x" */
    if (visit->parent != WTFCB_LANG_NO_SYMBOL && visit->scope == WTFCB_LANG_SCOPE_TYPE)
        return wtfcb_lang_rules_byte(visit, name) != '#' &&
               !wtfcb_lang_rules_has_child(visit, node, "accessibility_modifier", "private");
    return visit->exporting;
}

/* Members that say so, and those with a private name. All else is what it is by its exports. */
static uint32_t visibility(wtfcb_lang_visit *visit, TSNode node, wtfcb_lang_span name, uint32_t kind)
{
    static const wtfcb_lang_modifier words[] = {{"private", WTFCB_VISIBILITY_PRIVATE},
                                                {"protected", WTFCB_VISIBILITY_PROTECTED},
                                                {NULL, WTFCB_VISIBILITY_PUBLIC}};
    (void)kind;
    if (visit->parent == WTFCB_LANG_NO_SYMBOL || visit->scope != WTFCB_LANG_SCOPE_TYPE) return WTFCB_VISIBILITY_NONE;
    if (wtfcb_lang_rules_byte(visit, name) == '#') return WTFCB_VISIBILITY_PRIVATE;
    return wtfcb_lang_rules_modifier(visit, node, name, NULL, words);
}

#define BRANCH WTFCB_LANG_DO_BRANCH
#define COST WTFCB_LANG_DO_COST
#define NEST WTFCB_LANG_DO_NEST
#define TOKEN WTFCB_LANG_DO_TOKEN
#define SCAN WTFCB_LANG_DO_SCAN
#define LOCAL WTFCB_LANG_DO_SCAN_LOCAL
#define SKIP WTFCB_LANG_DO_SKIP
#define EVERYWHERE(kind) WTFCB_LANG_ANYWHERE(kind)

static const wtfcb_lang_rule_spec rows_javascript[] = {
    {.node = "function_declaration", .actions = WTFCB_LANG_DO_FUNCTION, .kinds = EVERYWHERE(WTFCB_SYMBOL_FUNCTION)},
    {.node = "generator_function_declaration",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = EVERYWHERE(WTFCB_SYMBOL_FUNCTION)},
    {.node = "function_expression", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "generator_function", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "arrow_function", .actions = WTFCB_LANG_DO_FUNCTION, .tag = FUNCTION},
    {.node = "class_declaration", .actions = WTFCB_LANG_DO_TYPE, .kinds = EVERYWHERE(WTFCB_SYMBOL_CLASS)},
    {.node = "class", .actions = WTFCB_LANG_DO_TYPE, .tag = CLASS},
    {.node = "method_definition",
     .actions = WTFCB_LANG_DO_FUNCTION,
     .kinds = EVERYWHERE(WTFCB_SYMBOL_METHOD),
     .hook = method},
    {.node = "field_definition", .kinds = EVERYWHERE(WTFCB_SYMBOL_FIELD), .hook = field},
    {.node = "lexical_declaration", .actions = LOCAL, .hook = declaration},
    {.node = "variable_declaration", .actions = LOCAL, .hook = declaration},
    {.node = "variable_declarator", .actions = SCAN, .hook = declarator},
    {.node = "assignment_expression", .actions = SCAN, .tag = CHAIN, .hook = assignment},
    {.node = "object", .actions = WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_OWNED, .tag = OBJECT},
    {.node = "pair", .actions = SCAN, .tag = KEY, .hook = pair},
    {.node = "shorthand_property_identifier", .tag = SHORTHAND},

    {.node = "export_statement", .actions = WTFCB_LANG_DO_WRAP | WTFCB_LANG_DO_EXPORT, .hook = export},
    {.node = "export_clause", .actions = SKIP, .tag = CLAUSE},
    {.node = "export_specifier", .tag = SPECIFIER},
    {.node = "import_statement", .actions = SKIP, .hook = import},
    {.node = "import_require_clause", .tag = REQUIRE},
    {.node = "call_expression", .actions = SCAN, .hook = call},

    {.node = "identifier", .tag = NAME},
    {.node = "property_identifier", .tag = NAME},
    {.node = "private_property_identifier", .tag = NAME},
    {.node = "shorthand_property_identifier_pattern", .tag = NAME},
    {.node = "object_pattern", .tag = PATTERN},
    {.node = "array_pattern", .tag = PATTERN},
    {.node = "pair_pattern", .tag = PAIR},
    {.node = "object_assignment_pattern", .tag = ASSIGNMENT},
    {.node = "assignment_pattern", .tag = ASSIGNMENT},
    {.node = "member_expression", .actions = SCAN, .tag = MEMBER},
    {.node = "string", .actions = SKIP, .tag = STRING},
    {.node = "class_body", .tag = CLASS_BODY},

    {.node = "if_statement", .actions = BRANCH | COST | NEST | WTFCB_LANG_DO_IF},
    {.node = "else_clause", .actions = WTFCB_LANG_DO_FLAT | WTFCB_LANG_DO_ELSE},
    {.node = "for_statement", .actions = BRANCH | COST | NEST, .tag = LOOP},
    {.node = "for_in_statement", .actions = BRANCH | COST | NEST},
    {.node = "while_statement", .actions = BRANCH | COST | NEST},
    {.node = "do_statement", .actions = BRANCH | COST | NEST},
    {.node = "switch_statement", .actions = COST | NEST},
    {.node = "switch_case", .actions = BRANCH},
    {.node = "catch_clause", .actions = BRANCH | COST | NEST},
    {.node = "ternary_expression", .actions = BRANCH | COST | NEST},
    {.node = "break_statement", .hook = wtfcb_lang_rules_label},
    {.node = "continue_statement", .hook = wtfcb_lang_rules_label},
    {.node = "binary_expression", .actions = WTFCB_LANG_DO_LOGIC | SCAN},
    {.node = "parenthesized_expression", .actions = WTFCB_LANG_DO_GROUP | SCAN},
    {.node = "&&", .actions = TOKEN | WTFCB_LANG_DO_AND},
    {.node = "||", .actions = TOKEN | WTFCB_LANG_DO_OR},

    {.node = "expression_statement", .actions = SCAN},
    {.node = "return_statement", .actions = SCAN},
    {.node = "throw_statement", .actions = SCAN},
    {.node = "arguments", .actions = SCAN},
    {.node = "formal_parameters", .actions = SCAN},
    {.node = "array", .actions = SCAN},
    {.node = "subscript_expression", .actions = SCAN},
    {.node = "new_expression", .actions = SCAN},
};

const wtfcb_lang_rules_spec wtfcb_lang_rules_javascript = {
    .grammar = "javascript",
    .rows = rows_javascript,
    .count = sizeof rows_javascript / sizeof *rows_javascript,
    .signs = "{?",
    .double_signs = "&|",
    .words = "=> require import exports class prototype",
    .exported = exported,
    .visibility = visibility,
};

static const wtfcb_lang_rule_spec rows_typescript[] = {
    {.node = "function_signature", .actions = SCAN, .kinds = EVERYWHERE(WTFCB_SYMBOL_FUNCTION)},
    {.node = "abstract_class_declaration", .actions = WTFCB_LANG_DO_TYPE, .kinds = EVERYWHERE(WTFCB_SYMBOL_CLASS)},
    {.node = "public_field_definition", .kinds = EVERYWHERE(WTFCB_SYMBOL_FIELD), .hook = field},
    {.node = "interface_declaration", .actions = WTFCB_LANG_DO_TYPE, .kinds = EVERYWHERE(WTFCB_SYMBOL_INTERFACE)},
    {.node = "property_signature", .kinds = {0, WTFCB_SYMBOL_PROPERTY, 0}, .hook = signature},
    {.node = "method_signature", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_METHOD, 0}, .hook = signature},
    {.node = "abstract_method_signature", .actions = SCAN, .kinds = {0, WTFCB_SYMBOL_METHOD, 0}, .hook = signature},
    {.node = "interface_body", .tag = INTERFACE_BODY},
    {.node = "object_type", .actions = WTFCB_LANG_DO_TYPE | WTFCB_LANG_DO_OWNED, .tag = OBJECT_TYPE},
    {.node = "type_alias_declaration", .actions = SCAN, .kinds = EVERYWHERE(WTFCB_SYMBOL_TYPE_ALIAS)},
    {.node = "enum_declaration", .actions = WTFCB_LANG_DO_TYPE, .kinds = EVERYWHERE(WTFCB_SYMBOL_ENUM)},
    {.node = "enum_body", .actions = SCAN, .hook = enum_body},
    {.node = "internal_module",
     .actions = WTFCB_LANG_DO_SPACE,
     .kinds = EVERYWHERE(WTFCB_SYMBOL_NAMESPACE),
     .hook = named},
    {.node = "module", .actions = WTFCB_LANG_DO_SPACE, .kinds = EVERYWHERE(WTFCB_SYMBOL_MODULE), .hook = named},
    {.node = "type_annotation", .actions = SCAN},
    {.node = "type_arguments", .actions = SCAN},
    {.node = "type_parameters", .actions = SCAN},
    {.node = "ambient_declaration", .actions = WTFCB_LANG_DO_WRAP},
    {.node = "expression_statement", .actions = LOCAL},
};

#define SPEC_TYPESCRIPT(name)                                                                                          \
    {                                                                                                                  \
        .grammar = name, .base = &wtfcb_lang_rules_javascript, .rows = rows_typescript,                                \
        .count = sizeof rows_typescript / sizeof *rows_typescript, .signs = "{?", .double_signs = "&|",                \
        .words = "=> require import exports class prototype", .exported = exported, .visibility = visibility           \
    }

const wtfcb_lang_rules_spec wtfcb_lang_rules_typescript = SPEC_TYPESCRIPT("typescript");
const wtfcb_lang_rules_spec wtfcb_lang_rules_tsx = SPEC_TYPESCRIPT("tsx");
