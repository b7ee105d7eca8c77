"""Why a definition that only one of ctags and wtfcb-scan finds is no mistake of ours: one table of named rules.

A rule removes a difference from the explained figures of ctags-compare, never from the raw ones. Each looks at the
source text alone, never at what else wtfcb-scan made of it, and says in a sentence what it takes for granted. A rule
must not fit where the source plainly shows a definition that we lack, or none where we have one.

What rules know of a difference: name, group ("function", "value", ...), text (its source line), code (the same without
comments and the insides of strings), open (heads of the blocks it stands in, outermost first), others (what the other
side has in that file, as (name, line, group)).
"""

import bisect
import collections
import functools
import re

Rule = collections.namedtuple("Rule", "name languages side verdict sentence test")

COMMENTS = r"//[^\n]*|/\*.*?(?:\*/|\Z)"
STRINGS = r'"(?:\\.|[^"\\\n])*"'
CHARACTERS = r"'(?:\\(?:.[^'\n]*)|[^'\\\n])'"
# What is no code, by language; a group named `keep` is code after all.
LEXERS = {
    "c": "%s|%s|%s" % (COMMENTS, STRINGS, CHARACTERS),
    "c++": r'%s|R"(?P<q>[^()\s\\]*)\(.*?\)(?P=q)"|(?P<keep>\d\'\d)|%s|%s' % (COMMENTS, STRINGS, CHARACTERS),
    "go": "%s|`[^`]*`|%s|%s" % (COMMENTS, STRINGS, CHARACTERS),
    "java": r'%s|"""(?:\\.|[^\\])*?"""|%s|%s' % (COMMENTS, STRINGS, CHARACTERS),
    "rust": r'%s|\bb?r(?P<q>#*)".*?"(?P=q)|"(?:\\.|[^"\\])*"|%s' % (COMMENTS, CHARACTERS),
}
LEXERS["javascript"] = LEXERS["typescript"] = (
    r"%s|`(?:\\.|\$\{[^{}]*\}|[^`\\])*`|%s|'(?:\\.|[^'\\\n])*'"
    r"|(?<=[(,=:\[!&|?{};+])\s*/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/" % (COMMENTS, STRINGS))

CONTROL = r"(?:(?:else\s+)?if|for|while|switch|catch|with|do|else|try|finally|synchronized|match|loop|unsafe)\b"
FUNCTION_HEADS = {
    "c": r"\)\s*(?:[\w]+\s*)*$",
    "c++": r"\)\s*(?:const|noexcept|override|final|mutable|&&?|->[^;{}]*|\w+\([^()]*\)|[A-Z_]+|:[^;]*|\s)*$",
    "go": r"\bfunc\b[^{}]*$",
    "java": r"(?:->|\)\s*(?:throws\s+[\w., <>@]+)?)$|^\s*static\s*$",
    "rust": r"\bfn\b|\|[^|]*\|[^|]*$",
}
FUNCTION_HEADS["javascript"] = FUNCTION_HEADS["typescript"] = r"(?:=>|\)\s*(?::[^;]*)?)$"


class Source:
    """A file's text, and what can be told of it by its comments, strings and braces alone."""

    def __init__(self, language, text):
        self.language, self.lines = language, text.split("\n")
        lexer = re.compile(LEXERS.get(language, r"(?!)"), re.S)
        self.code = lexer.sub(self.blank, text)
        self.code_lines = self.code.split("\n")
        self.starts = [0]
        for line in self.code_lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    @staticmethod
    def blank(match):
        if match.groupdict().get("keep"):
            return match.group()
        text = match.group()
        inside = re.sub(r"[^\n]", " ", text[1:-1])
        return text[0] + inside + text[-1] if text[0] in "\"'`" and len(text) > 1 else re.sub(r"[^\n]", " ", text)

    @functools.cached_property
    def blocks(self):
        """(offset, heads of the blocks that are open behind it), for each brace."""
        found, stack, begin = [(-1, ())], (), 0
        for match in re.finditer(r"[{};]", self.code):
            at = match.start()
            if match.group() == "{":
                stack += (" ".join(self.code[max(begin, at - 600):at].split()),)
            elif match.group() == "}":
                stack = stack[:-1]
            begin = at + 1
            found.append((at, stack))
        return found

    def open_at(self, line, name):
        if not 0 < line <= len(self.code_lines):
            return ()
        column = re.search(r"(?<![\w$])%s(?![\w$])" % re.escape(name), self.code_lines[line - 1])
        offset = self.starts[line - 1] + (column.start() if column else 0)
        return self.blocks[bisect.bisect_left(self.blocks, (offset,)) - 1][1]


class Difference:
    def __init__(self, source, key, others):
        self.name, self.line, self.group = key
        self.source, self.others, self.language = source, others, source.language
        inside = 0 < self.line <= len(source.lines)
        self.text = source.lines[self.line - 1] if inside else ""
        self.code = source.code_lines[self.line - 1] if inside else ""
        self.above = source.code_lines[self.line - 2] if inside and self.line > 1 else ""

    @functools.cached_property
    def open(self):
        return self.source.open_at(self.line, self.name)

    @functools.cached_property
    def in_function(self):
        head = FUNCTION_HEADS[self.language]
        return any(re.search(head, h) and not re.match(CONTROL, h) and
                   not re.search(r"\bnew\s[\w.<>?, @\[\]]+\([^{}]*\)$", h) for h in self.open)

    @functools.cached_property
    def in_nameless_class(self):
        """Java: `new X() {`; an enum constant with a body."""
        return any(re.search(r"\bnew\s[^;{}]*\)$", h) or re.match(r"(?:, )?(?:@\w+ )*[A-Z][A-Z0-9_]*(?: ?\(.*\))?$", h)
                   for h in self.open)

    def match(self, pattern):
        """Look for a pattern in the code of the line; NAME stands for the name."""
        return re.search(pattern.replace("NAME", r"(?<![\w$])%s(?![\w$])" % re.escape(self.name)), self.code)

    def is_there(self, name=None, group=None, near=0):
        """Whether the other side has such an entry on this line."""
        return any(abs(o[1] - self.line) <= near and (name is None or o[0] == name) and
                   (group is None or o[2] == group) for o in self.others)

    @property
    def other_kind(self):
        return any(o[:2] == (self.name, self.line) and o[2] != self.group for o in self.others)


MODIFIERS = (r"(?:(?:export|default|declare|abstract|async|public|protected|private|static|readonly|override|accessor|"
             r"final|sealed|non-sealed|strictfp|const)\s+)*")
# A line that says in so many words what it declares: language -> group -> pattern.
TS = {
    "class": r"^\s*%sclass\s+NAME" % MODIFIERS,
    "interface": r"^\s*%sinterface\s+NAME" % MODIFIERS,
    "enum": r"^\s*%senum\s+NAME" % MODIFIERS,
    "namespace": r"^\s*%s(?:namespace|module|global)\s*[\w.\"' -]*" % MODIFIERS,
    "type-alias": r"^\s*%stype\s+NAME\s*(?:=|<|$)" % MODIFIERS,
    "function": r"^\s*%s(?:function\s*\*?\s*NAME|(?:const|let|var)\s+NAME\b[^=]*=|(?:get|set)?\s*\*?\s*NAME\s*\??\s*(?:\(|<)"
                r"|NAME\s*(?:=|:)\s*(?:async\s*)?(?:function|\(|\w+\s*=>|<)|[\w$.]+\.NAME\s*=[^=])" % MODIFIERS,
}


def declared_value(d):
    """`name: type`, `name = value` directly in a class, interface or type; `const name` outside of functions."""
    if d.match(r"^\s*%s(?:const|let|var)\s+(?:[^=;]*,\s*)?NAME" % MODIFIERS):
        return not d.in_function
    head = d.open[-1] if d.open else ""
    return bool(re.search(r"\b(?:class|interface)\b|^(?:export |declare )*type\b|:\s*$|=\s*$|[:|&<(=]\s*$", head) and
                re.search(r"^\s*%s(?:[\"'`][^\"']*[\"'`]|#?%s)\s*[?!]?\s*[:;=]" % (MODIFIERS, re.escape(d.name)),
                          d.code))


def unlisted(d):
    if d.is_there(name=d.name):
        return False
    if d.group == "value":
        return declared_value(d)
    if d.group == "enum-member":
        return bool(d.open) and bool(re.search(r"\benum\b", d.open[-1]))
    pattern = TS.get(d.group)
    return bool(pattern and d.match(pattern))


def inside_if_0(d):
    depth, dead = 0, []
    for text in d.source.lines[:d.line]:
        text = text.strip().replace("# ", "#")
        if text.startswith("#if"):
            depth += 1
            if text.startswith("#if 0"):
                dead.append(depth)
        elif text.startswith(("#else", "#elif")) and dead and dead[-1] == depth:
            dead.pop()
        elif text.startswith("#endif"):
            if dead and dead[-1] == depth:
                dead.pop()
            depth -= 1
    return bool(dead)


def squeezed(d):
    return any(o[1] == d.line and re.sub(r"\s+", "", o[0]) == re.sub(r"\s+", "", d.name) for o in d.others)


def macro_call(d):
    return bool(re.match(r"^\s*(?:static\s+)?[A-Za-z_]\w*\s*\(", d.text))


JS = ("javascript", "typescript")
C = ("c", "c++")
THEIRS, DEFINITION = "theirs", "definition"

# The first rule that fits decides.


def inside_heredoc(lines, number):
    """Whether a line of Ruby stands in a here-document."""
    open_words = []
    for text in lines[:number]:
        if open_words:
            if text.strip() == open_words[0]:
                open_words.pop(0)
        else:
            open_words = re.findall(r"<<[-~]?[\"'`]?([A-Za-z_]\w*)", text)
    return bool(open_words)


def inside_text(lines, number):
    """Whether a line of Elixir stands in a text between three quotes."""
    return sum(len(re.findall(r'"""|\'\'\'', text)) for text in lines[:number]) % 2 == 1


RULES = [
    Rule("macro-function", C, "both", DEFINITION,
         "SYSCALL_DEFINE3(read, ...) {...}: ctags names the function after the macro, we after its first argument",
         lambda d: d.group == "function" and macro_call(d) and d.is_there(group="function")),
    Rule("attribute-name", C, "missing", THEIRS,
         "ctags takes a reserved word behind a declaration (__packed) for the declared name",
         lambda d: bool(re.match(r"^__[a-z_]+$", d.name)) and d.group in ("variable", "field")),
    Rule("attribute-behind", C, "extra", THEIRS,
         "the name that ctags lost to a reserved word behind it",
         lambda d: bool(d.match(r"NAME(?:\[.*\])?\s+__\w+"))),
    Rule("macro-variable", C, "extra", DEFINITION,
         "DEFINE_MUTEX(lock): we list what the macro defines",
         lambda d: d.group == "variable" and macro_call(d)),
    Rule("if-0", C, "extra", DEFINITION, "ctags leaves out what stands below #if 0", inside_if_0),
    Rule("macro-twice", C, "extra", DEFINITION, "ctags leaves out the second definition of a macro in an #else branch",
         lambda d: d.group == "macro" and bool(re.match(r"\s*#\s*define\s+%s\b" % re.escape(d.name), d.text))),
    Rule("macro-as-function", ("c++",), "missing", THEIRS,
         "ctags takes a macro's call in capitals for a function's definition",
         lambda d: d.group == "function" and bool(re.match(r"^[A-Z][A-Z0-9_]+$", d.name))),
    Rule("enum-of-variable", C, "both", THEIRS,
         "ctags takes `enum type name[] = {` for the definition of an enum, and its values for members",
         lambda d: any(re.search(r"\benum\s+\w+\s+\w+\s*\[.*\]\s*=$", h) for h in d.open) or
         bool(d.match(r"\benum\s+\w+\s+NAME\s*\[.*\]\s*="))),
    Rule("bit-field", C, "extra", THEIRS, "ctags leaves out a bit-field whose type is an enum",
         lambda d: bool(d.match(r"\benum\s+\w+\s+NAME\s*:"))),
    Rule("local", C, "missing", DEFINITION, "variables of functions are no symbols",
         lambda d: d.group == "variable" and d.in_function),
    Rule("in-function", ("c++",), "extra", DEFINITION, "types in functions and their members are defined, too",
         lambda d: d.group != "function" and d.group != "variable" and d.in_function),
    Rule("variable-of-template", ("c++",), "extra", DEFINITION, "a specialised variable is a variable",
         lambda d: d.group == "variable" and bool(d.match(r"\bNAME\s*<"))),
    Rule("aligned", ("c++",), "extra", THEIRS, "ctags leaves out members behind alignas(...)",
         lambda d: d.group in ("field", "variable") and bool(d.match(r"\balignas\s*\(.*NAME"))),
    Rule("defaulted", ("c++",), "extra", DEFINITION, "a function that is defaulted is defined",
         lambda d: d.group == "function" and bool(re.search(r"=\s*default", d.text))),
    Rule("nested-namespace", ("c++",), "both", DEFINITION, "namespace a::b is one namespace to us, two to ctags",
         lambda d: d.group == "namespace" and bool(re.search(r"\bnamespace\s+[\w:]*::", d.code))),
    Rule("operator-spaces", ("c++",), "both", DEFINITION, "ctags writes operators without the spaces of the source",
         lambda d: d.name.startswith("operator") and squeezed(d)),

    Rule("second-name", ("python",), "extra", DEFINITION,
         "each name of a tuple and a name with a mere annotation is a variable to us",
         lambda d: d.group == "value" and bool(re.search(r"^\s*(\*|\()?[\w\s,*()\[\]]*\b%s\b[\w\s,*()\[\]]*(=|:)" %
                                                         re.escape(d.name), d.code))),

    Rule("other-file", ("rust",), "missing", DEFINITION, "mod x; is an import to us: the module is elsewhere",
         lambda d: d.group == "module" and bool(d.match(r"\bmod\s+NAME\s*;"))),
    Rule("declared-elsewhere", ("rust",), "missing", DEFINITION,
         "what an extern block names is declared there and defined elsewhere",
         lambda d: any(re.search(r"\bextern\b[\s\"']*$", h) for h in d.open)),
    Rule("variant-field", ("rust",), "extra", DEFINITION, "fields of an enum's variants are fields",
         lambda d: d.group == "value" and any(re.search(r"\benum\s+\w", h) for h in d.open)),
    Rule("local", ("rust",), "missing", DEFINITION, "variables of functions are no symbols",
         lambda d: d.group == "value" and d.in_function),
    Rule("lifetime", ("rust",), "missing", THEIRS, "ctags takes the word behind 'static for a variable",
         lambda d: d.group == "value" and bool(re.search(r"'static\s+(?:mut\s+)?%s\b" % re.escape(d.name), d.text))),
    Rule("lost-place", ("rust",), "extra", THEIRS,
         "ctags takes r#type for a raw string, a backslash in front of a quote for an escape of it, and loses the rest",
         lambda d: any(re.search(r"\br#[A-Za-z_]|\\\\\"|'\"'", x) for x in d.source.lines[:d.line])),

    Rule("annotation-default", ("java",), "missing", THEIRS, "ctags takes the default of an annotation for a field",
         lambda d: bool(re.search(r"\bdefault\s+%s" % re.escape(d.name), d.above + " " + d.code))),
    Rule("enum-argument", ("java",), "missing", THEIRS,
         "ctags takes arguments and annotations of enum constants for constants, constants with a body for methods",
         lambda d: bool(d.open) and bool(re.search(r"\benum\b", d.open[-1])) and
         (bool(d.match(r"\(.*NAME|^\s*@NAME|^\s*@[\w.]*%s\b" % re.escape(d.name))) if d.group == "enum-member" else
          d.name.isupper())),
    Rule("permits", ("java",), "both", THEIRS, "ctags names a sealed type after the last that it permits",
         lambda d: bool(re.search(r"\bpermits\b", d.code) or
                        re.search(r"\bsealed\b", " ".join(d.source.code_lines[max(0, d.line - 12):d.line])))),
    Rule("record", ("java",), "both", THEIRS, "ctags takes a record for a method, and does not see its body",
         lambda d: bool(d.match(r"\brecord\s+NAME")) or any(re.search(r"\brecord\s+\w", h) for h in d.open) or
         d.group == "value" and bool(re.search(r"\brecord\s+\w+\s*(?:<[^{]*>)?\s*\([^{]*$",
                                              " ".join(d.source.code_lines[max(0, d.line - 12):d.line]).split("{")[-2 if "{" in d.code else -1]))),
    Rule("in-function", ("java",), "extra", DEFINITION,
         "members of nameless classes and classes in methods are defined, too",
         lambda d: d.in_function or d.in_nameless_class),

    Rule("blank", ("go",), "missing", DEFINITION, "_ is no name", lambda d: d.name == "_"),
    Rule("const-operand", ("go",), "missing", THEIRS, "ctags takes an operand in a long expression for a constant",
         lambda d: d.group == "value" and bool(d.match(r"^\s*(?:NAME|NAME\.\w+)\s*\|?\s*$")) and
         (bool(re.search(r"[|=(+]\s*$", d.above)) or d.code.rstrip().endswith("|"))),
    Rule("local", ("go",) + JS, "missing", DEFINITION,
         "variables of functions and the keys of objects that they hold are no symbols",
         lambda d: d.group in ("value", "variable") and d.in_function),
    Rule("in-function", ("go",), "extra", DEFINITION, "types in functions and their members are defined, too",
         lambda d: d.in_function),
    Rule("nameless-type", ("go",), "extra", DEFINITION, "members of a nameless struct or interface are members",
         lambda d: d.group in ("value", "function") and bool(d.open) and
         bool(re.search(r"\b(?:struct|interface)$", d.open[-1])) and
         not re.search(r"^(?:type\s+)?\w+(?:\[.*\])?\s+(?:struct|interface)$", d.open[-1])),
    Rule("generic-type", ("go",), "extra", THEIRS, "ctags loses the members of a type with parameters",
         lambda d: bool(d.open) and bool(re.search(r"\b\w+\s*\[\w.*\]\s*(?:struct|interface)$", d.open[-1]))),
    Rule("type-as-name", ("go",), "missing", THEIRS, "ctags takes a type of a nameless parameter for a function",
         lambda d: d.group == "function" and bool(d.match(r"func\(.*\bNAME\)"))),
    Rule("other-kind", ("go",), "both", DEFINITION, "a type's kind by its first word, or by what it stands for",
         lambda d: d.other_kind),

    Rule("private-name", JS, "both", DEFINITION, "a private name is written with its # by us",
         lambda d: d.is_there(name="#" + d.name) or d.is_there(name=d.name[1:]) and d.name.startswith("#")),
    Rule("computed-name", JS, "both", DEFINITION, "a computed name is written like the source by us",
         lambda d: d.name.startswith("[")),
    Rule("escaped-name", JS, "both", DEFINITION, "a name in quotes is written like the source by us",
         lambda d: "\\" in d.name or bool(re.search(r"[\"'].*\\.*[\"']\s*:", d.text))),
    Rule("keyword", JS, "missing", THEIRS, "ctags takes a keyword for a name",
         lambda d: d.name in ("if", "extends", "as", "is", "infer", "instanceof", "satisfies", "get", "set", "readonly",
                              "new", "typeof", "keyof", "asserts", "case", "default", "true", "false", "any", "undefined", "unknown", "static") and
         not d.match(r"^\s*NAME\s*[?:(<]")),
    Rule("imported-type", ("typescript",), "missing", THEIRS, "ctags takes an imported or exported type for an alias",
         lambda d: d.group == "type-alias" and (
             bool(d.match(r"^\s*(?:import|export)\b.*\bfrom\b")) or bool(re.search(
                 r"\b(?:import|export)\b[^{}]*$", d.open[-1] if d.open else "")) or
             not d.match(r"\btype\s+NAME"))),
    Rule("no-name-there", ("typescript",), "missing", THEIRS,
         "a number, a type, a parameter or an inferred type that ctags takes for a member or variable",
         lambda d: bool(re.match(r"^(?:x[0-9A-F]+|e[0-9]+)$", d.name)) or bool(d.match(
             r"\bkeyof\s+NAME|\binfer\s+NAME|\bis\s+NAME|\bextends\s+\{[^}]*NAME|\bextends\s+[^{};]*NAME|"
             r"\w\s*[(<][^)]*NAME\s*[?:][^)]*\)?|:\s*NAME\.")) or
         d.group == "value" and bool(d.match(r"^\s*(?:type\s+)?NAME\s*[(<]|^\s*namespace\s+NAME"))),
    Rule("class-of-literal", JS, "missing", THEIRS,
         "ctags calls whatever holds an object literal or has something in its prototype a class",
         lambda d: d.group == "class" and not d.match(r"\bclass\b\s+NAME|=\s*class\b") and
         (d.other_kind or bool(re.search(r"=\s*(?:\w+\s*\(\s*)?\{|prototype|:\s*\{|=\s*$|\(\s*\{", d.text)))),
    Rule("class-of-literal", JS, "extra", THEIRS, "the other half of these: we list it as what it is",
         lambda d: d.is_there(name=d.name, group="class") and not d.match(r"\bclass\b")),
    Rule("holds-function", JS, "both", DEFINITION, "a name that holds a function is a function to us, a variable to ctags",
         lambda d: d.group in ("function", "value") and d.other_kind and bool(
             d.match(r"=>|\bfunction\b|NAME[\"']?\s*[:=]\s*(?:async\b\s*)?[(<]|NAME\s*=\s*$|^\s*(?:get|set|static)\b"))),
    Rule("literal-key", JS, "missing", DEFINITION,
         "keys of an object literal are symbols only if a variable of the file holds it, or if they are functions",
         lambda d: d.group == "value" and bool(d.match(r"(?:^|[{,(])\s*[\"']?NAME[\"']?\s*(?::|,|\}|$)"))),
    Rule("mention", JS, "missing", THEIRS, "ctags takes a mention of a.prototype.b or a.b for its definition",
         lambda d: bool(d.match(r"\.NAME\s*(?:[.(&|?;,)\]]|$|&&|\|\|)")) and not d.match(r"\.NAME\s*=[^=]")),
    Rule("member-assigned", JS, "missing", DEFINITION,
         "what is assigned to a member is a symbol only if it is a function or a class",
         lambda d: d.group == "value" and bool(d.match(r"(?:\.NAME|\[.*\])\s*=[^=]"))),
    Rule("called-at-once", JS, "missing", THEIRS,
         "the name holds what a function returned that is called at once, not the function",
         lambda d: d.group == "function" and bool(d.match(r"NAME\s*=\s*\(\s*(?:function|\(|async)"))),
    Rule("named-expression", JS, "missing", DEFINITION, "the name of a function's expression is visible only in it",
         lambda d: bool(d.match(r"(?:[=(,:?&|!\[]|\breturn|=>)\s*\(?\s*(?:async\s+)?(?:function|class)\s*\*?\s*NAME"))),
    Rule("construct-signature", ("typescript",), "missing", DEFINITION, "new () in an interface has no name",
         lambda d: d.name == "new"),
    Rule("unlisted", JS, "extra", THEIRS, "the line declares the name in so many words, and ctags has nothing there",
         unlisted),
    Rule("one-line", ("javascript",), "both", THEIRS, "ctags loses its place in lines of machine-made code",
         lambda d: len(d.text) > 400),
    Rule("writer", ("ruby",), "missing", DEFINITION, "ctags names the writer of an accessor, not the accessor",
         lambda d: d.name.endswith("=") and (d.name[:-1], d.line, d.group) in d.others),
    Rule("writer", ("ruby",), "extra", DEFINITION, "ctags names the writer of an accessor, not the accessor",
         lambda d: (d.name + "=", d.line, d.group) in d.others),
    Rule("global-alias", ("ruby",), "missing", DEFINITION, "a second name of a global variable is no method",
         lambda d: d.name.startswith("$")),
    Rule("class-variable", ("ruby",), "extra", DEFINITION, "ctags knows no class variables",
         lambda d: d.name.startswith("@@")),
    Rule("other-kind", ("ruby",), "missing", DEFINITION, "both have it, as another kind",
         lambda d: (d.name, d.line) in {(x[0], x[1]) for x in d.others}),
    Rule("other-kind", ("ruby",), "extra", DEFINITION, "both have it, as another kind",
         lambda d: (d.name, d.line) in {(x[0], x[1]) for x in d.others}),
    Rule("case-equality", ("ruby",), "missing", THEIRS, "ctags takes a comparison for an assignment",
         lambda d: bool(re.search(r"\b%s\s*==" % re.escape(d.name), d.text))),
    Rule("cut-alias", ("ruby",), "missing", THEIRS, "ctags cuts the name before its last sign",
         lambda d: bool(re.search(r"\balias\b.*%s[?!=]" % re.escape(d.name), d.text))),
    Rule("alias", ("ruby",), "extra", THEIRS, "ctags drops aliases of operators",
         lambda d: bool(re.match(r"\s*alias\s", d.text))),
    Rule("listed", ("ruby",), "extra", THEIRS, "ctags misses names after the first of a list and behind ::",
         lambda d: d.group == "value" and bool( re.match(r"\s*(\w+(::|,\s*))+%s\s*(,.*)?=|\s*:\w+\b" % re.escape(d.name), d.text))),
    Rule("here-document", ("ruby",), "missing", THEIRS, "ctags reads the text of a here-document as code",
         lambda d: inside_heredoc(d.source.lines, d.line)),
    Rule("array", ("shell",), "missing", THEIRS, "ctags takes arrays that begin empty for functions, and options for aliases",
         lambda d: d.name.endswith("=") or d.name.startswith("-")),
    Rule("awk", ("shell",), "missing", THEIRS, "ctags takes functions of awk for the shell's",
         lambda d: bool(re.match(r"\s*function\s+\w+\s*\(\s*\w", d.text))),
    Rule("key", ("lua",), "missing", DEFINITION, "a key made at run time is no name",
         lambda d: d.name.endswith("]")),
    Rule("not-direct", ("lua",), "missing", THEIRS, "what is assigned is not a function but uses one",
         lambda d: not re.search(r"%s\s*=\s*function" % re.escape(d.name), d.text)),
    Rule("keyed", ("lua",), "extra", THEIRS, "ctags misses keys behind the first",
         lambda d: bool(re.search(r"[{,]\s*%s\s*=\s*func" % re.escape(d.name), d.text))),
    Rule("last-part", ("elixir",), "missing", DEFINITION, "a module's name is whole",
         lambda d: any(x[0].endswith("." + d.name) and x[1] == d.line for x in d.others)),
    Rule("whole-name", ("elixir",), "extra", DEFINITION, "a module's name is whole",
         lambda d: any(d.name.endswith("." + x[0]) and x[1] == d.line for x in d.others)),
    Rule("other-kind", ("elixir",), "missing", DEFINITION, "both have it, as another kind",
         lambda d: d.name == "unquote" or (d.name, d.line) in {(x[0], x[1]) for x in d.others}),
    Rule("text", ("elixir",), "missing", THEIRS, "ctags reads text in quotes as code",
         lambda d: inside_text(d.source.lines, d.line)),
    Rule("operator", ("elixir",), "extra", THEIRS, "ctags misses operators and macrocallbacks",
         lambda d: not re.match(r"\w", d.name) or "@macrocallback" in d.text),
    Rule("other-kind", ("elixir",), "extra", DEFINITION, "both have it, as another kind",
         lambda d: (d.name, d.line) in {(x[0], x[1]) for x in d.others}),
    Rule("equation", ("haskell",), "missing", DEFINITION, "a function has one symbol, ctags names each equation",
         lambda d: d.group == "function" and d.name in {x[0] for x in d.others}),
    Rule("indented", ("haskell",), "extra", THEIRS, "ctags misses what is indented and operators",
         lambda d: d.text.startswith((" ", "(")) or not re.match(r"\w", d.name)),
    Rule("quoted-key", ("lua",), "extra", DEFINITION, "ctags knows no keys in quotes",
         lambda d: bool(re.search(r"\[\s*[\"']%s" % re.escape(d.name), d.text))),
]


def explain(language, side, key, source, others):
    """The rule for a difference, or None."""
    difference = Difference(source, key, others)
    for rule in RULES:
        if language in rule.languages and rule.side in (side, "both") and rule.test(difference):
            return rule
    return None
