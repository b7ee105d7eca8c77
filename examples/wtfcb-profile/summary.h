/* The table at the end: what a command took. */
#ifndef WTFCB_PROFILE_SUMMARY_H
#define WTFCB_PROFILE_SUMMARY_H

#include <wtfcb/profile.h>

#include "command.h"
#include "common/output.h"

/*
 * What the kernel counted of all processes that have ended stands before what the samples saw: it is exact.
 *
 * @param command its words
 * @param end     NULL: the profile was saved, and nothing ran; then `command` is not looked at
 * @param blocks  bars may be drawn with the block elements of Unicode
 */
void summary_write(struct output *out, const wtfcb_profile *profile, char *const *command,
                   const struct command_end *end, bool blocks);

#endif
