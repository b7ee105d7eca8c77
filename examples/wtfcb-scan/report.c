/* What the formats share. */
#include <ctype.h>
#include <string.h>

#include "format.h"

const struct format *const formats[] = {
    &table_format, &json_format, &ndjson_format, &csv_format, &ctags_format, &etags_format, NULL,
};

struct status_word status_word(wtfcb_status status)
{
    static const char prefix[] = "WTFCB_";
    const char *name = wtfcb_status_name(status);
    struct status_word word;
    size_t length = 0;

    if (strncmp(name, prefix, sizeof prefix - 1) == 0) name += sizeof prefix - 1;
    for (; length < sizeof word.text - 1 && name[length] != 0; length++)
        word.text[length] = (char)tolower((unsigned char)name[length]);
    word.text[length] = 0;
    return word;
}
