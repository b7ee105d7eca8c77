#include "lang/rules_table.h"
const wtfcb_lang_rules_spec wtfcb_lang_rules_cpp={.grammar="cpp"},wtfcb_lang_rules_go={.grammar="go"},wtfcb_lang_rules_java={.grammar="java"},wtfcb_lang_rules_javascript={.grammar="javascript"},wtfcb_lang_rules_rust={.grammar="rust"},wtfcb_lang_rules_tsx={.grammar="tsx"},wtfcb_lang_rules_typescript={.grammar="typescript"};
