/*
 * Text on its way out: a buffer in front of a callback, with a sticky status, so that a sequence of writes needs one check at its end. Nothing here
 * allocates; one owner.
 */
#ifndef WTFCB_BASE_WRITER_H
#define WTFCB_BASE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include <wtfcb/status.h>

/* As wtfcb_write_fn. */
typedef wtfcb_status (*wtfcb_base_write_fn)(void *user, const char *bytes, size_t length);

typedef struct wtfcb_base_writer {
    wtfcb_base_write_fn write;
    void *user;
    wtfcb_status status; /* of the first write that failed; what follows is dropped */
    size_t used;
    char buffer[16 * 1024];
} wtfcb_base_writer;

void wtfcb_base_writer_init(wtfcb_base_writer *writer, wtfcb_base_write_fn write, void *user);

/* Hand over what is buffered; the status of it all. */
wtfcb_status wtfcb_base_writer_flush(wtfcb_base_writer *writer);

void wtfcb_base_writer_bytes(wtfcb_base_writer *writer, const void *bytes, size_t length);
void wtfcb_base_writer_text(wtfcb_base_writer *writer, const char *text);
void wtfcb_base_writer_char(wtfcb_base_writer *writer, char c);
void wtfcb_base_writer_number(wtfcb_base_writer *writer, uint64_t number);
/* As short as reads back to the same double; finite. */
void wtfcb_base_writer_real(wtfcb_base_writer *writer, double number);
/* `number` / 10^`digits` as a decimal fraction, exactly: (1234500, 3) is "1234.5". */
void wtfcb_base_writer_decimal(wtfcb_base_writer *writer, uint64_t number, uint32_t digits);

/*
 * Replace the file `path` by what `fill` writes: into a new file beside it, synced, then renamed. The mode is that of a new file.
 * `fill` returns the status that decides. Statuses as documented at wtfcb_profile_save(), with `ret_error` filled.
 */
typedef wtfcb_status (*wtfcb_base_fill_fn)(void *user, wtfcb_base_writer *writer);
wtfcb_status wtfcb_base_writer_save(const char *path, wtfcb_base_fill_fn fill, void *user, wtfcb_error *ret_error);

#endif
