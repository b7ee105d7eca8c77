/* The table of statuses: names and meanings. A new status is one line here and one in wtfcb/status.h. */
#include <wtfcb/status.h>

#include <wtfcb/version.h>

static const struct {
    wtfcb_status status;
    const char *name;
    const char *message;
} statuses[] = {
    {WTFCB_OK, "WTFCB_OK", "success"},
    {WTFCB_EINVAL, "WTFCB_EINVAL", "invalid argument"},
    {WTFCB_ENOMEM, "WTFCB_ENOMEM", "out of memory"},
    {WTFCB_ENOTFOUND, "WTFCB_ENOTFOUND", "not found"},
    {WTFCB_EACCES, "WTFCB_EACCES", "permission denied"},
    {WTFCB_EIO, "WTFCB_EIO", "input/output error"},
    {WTFCB_ECANCELLED, "WTFCB_ECANCELLED", "cancelled"},
    {WTFCB_EBUSY, "WTFCB_EBUSY", "in use"},
    {WTFCB_ELIMIT, "WTFCB_ELIMIT", "limit reached"},
    {WTFCB_ETIMEOUT, "WTFCB_ETIMEOUT", "time limit reached"},
    {WTFCB_EUNSUPPORTED, "WTFCB_EUNSUPPORTED", "not supported"},
    {WTFCB_EFORMAT, "WTFCB_EFORMAT", "malformed data"},
    {WTFCB_ECHANGED, "WTFCB_ECHANGED", "file changed while it was read"},
    {WTFCB_ELOOP, "WTFCB_ELOOP", "loop of symbolic links"},
    {WTFCB_EFORK, "WTFCB_EFORK", "handle belongs to the parent process"},
    {WTFCB_ESPECIAL, "WTFCB_ESPECIAL", "not a regular file"},
    {WTFCB_EGRAMMAR, "WTFCB_EGRAMMAR", "grammar not available"},
    {WTFCB_ECALLBACK, "WTFCB_ECALLBACK", "stopped by a callback"},
    {WTFCB_ENOSPACE, "WTFCB_ENOSPACE", "no space left"},
    {WTFCB_EUNSAFE, "WTFCB_EUNSAFE", "others may write there"},
    {WTFCB_EREADONLY, "WTFCB_EREADONLY", "opened for reading alone"},
    {WTFCB_EDAMAGED, "WTFCB_EDAMAGED", "store is damaged"},
};

const char *wtfcb_status_name(wtfcb_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status) return statuses[i].name;
    return "WTFCB_E?";
}

const char *wtfcb_status_message(wtfcb_status status)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++)
        if (statuses[i].status == status) return statuses[i].message;
    return "unknown status";
}

#define TEXT(value) #value
#define VERSION_TEXT(major, minor, patch) TEXT(major) "." TEXT(minor) "." TEXT(patch)

int32_t wtfcb_version_number(void)
{
    return WTFCB_VERSION_NUMBER;
}

const char *wtfcb_version_string(void)
{
    return VERSION_TEXT(WTFCB_VERSION_MAJOR, WTFCB_VERSION_MINOR, WTFCB_VERSION_PATCH);
}
