/*
 * Finding the git repository that a directory is the work tree of.
 */
#ifndef WTFCB_SCANNER_IGNORE_GIT_H
#define WTFCB_SCANNER_IGNORE_GIT_H

#include <wtfcb/allocator.h>
#include <wtfcb/status.h>

/* Open directories of a repository. The same directory twice unless this is a linked work tree. */
typedef struct wtfcb_scanner_ignore_repository {
    int own;    /* HEAD, config.worktree */
    int common; /* config, info/exclude */
} wtfcb_scanner_ignore_repository;

/*
 * Open the repository whose work tree starts in the directory `dirfd`: `.git` as a directory, or as a file that names
 * one, possibly with a `commondir`. Links are followed as git does.
 *
 * WTFCB_OK; WTFCB_ENOTFOUND: there is none, or what there is git would not take for one; WTFCB_ENOMEM.
 */
wtfcb_status wtfcb_scanner_ignore_repository_open(const wtfcb_allocator *allocator, int dirfd,
                                                  wtfcb_scanner_ignore_repository *ret_repository);
void wtfcb_scanner_ignore_repository_close(wtfcb_scanner_ignore_repository *repository);

#endif
