/* A few lines at the bottom of the terminal that show what the command does, while its own output scrolls above them. */
#ifndef WTFCB_PROFILE_LIVE_H
#define WTFCB_PROFILE_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include <wtfcb/profiler.h>

struct live {
    wtfcb_profiler *profiler; /* running */
    const char *name;         /* of the command */
    int fd;                   /* the terminal; -1: none */
    bool blocks;              /* bars may be drawn with the block elements of Unicode */
    bool colours;
    bool up; /* the lines are there, and the terminal scrolls above them */
    int rows;
    int columns;
    int height;          /* of our lines */
    int64_t account_ns;  /* processor time that drawing may still take */
    uint64_t settled_ns; /* time of the profile up to which it was credited */
};

/* Find the terminal: standard error, else the controlling one. False: there is none, or none that can do this. */
bool live_open(struct live *live, bool blocks);
void live_close(struct live *live);

/* Draw what is there now, if we are in the foreground and there is room; ns until the next time. */
uint64_t live_show(struct live *live);

/* Give the lines back. */
void live_hide(struct live *live);

#endif
