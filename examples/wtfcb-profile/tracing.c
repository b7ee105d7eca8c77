/*
 * The object is looked for where `make install` and the build put it: in the folder wtfcb beside libwtfcb.so, wherever the loader found that. The folder is the
 * user's alone, since what is in it is read without a question of who wrote it.
 */
#include "tracing.h"

#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <wtfcb/version.h>

#define OBJECT "wtfcb/libwtfcb-alloc.so"
#define LINK "/libwtfcb-alloc.so"

/* ------------------------------------------------------------------------------------------------------------ object */

/* Where the object should be; false: it cannot be told. */
static bool expect_object(char path[PATH_MAX])
{
    Dl_info info;
    char library[PATH_MAX];
    void *symbol = dlsym(RTLD_DEFAULT, "wtfcb_version_number");

    if (symbol == NULL || dladdr(symbol, &info) == 0 || realpath(info.dli_fname, library) == NULL) return false;
    char *slash = strrchr(library, '/');
    slash[1] = 0;
    return snprintf(path, PATH_MAX, "%s" OBJECT, library) < PATH_MAX;
}

/* LD_PRELOAD knows no way to quote a blank or a colon: the object then gets another name in our folder. */
static bool name_object(const struct tracing *tracing, char path[PATH_MAX])
{
    char link[PATH_MAX];

    if (strpbrk(path, ": ") == NULL) return true;
    if (snprintf(link, sizeof link, "%s" LINK, tracing->folder) >= PATH_MAX || symlink(path, link) != 0) return false;
    memcpy(path, link, strlen(link) + 1);
    return true;
}

/* ------------------------------------------------------------------------------------------------------------ folder */

/* Its name has to fit into LD_PRELOAD and WTFCB_ALLOC. */
static bool make_folder(struct tracing *tracing)
{
    const char *parent = getenv("TMPDIR");

    if (parent == NULL || parent[0] != '/' || strpbrk(parent, ": ,") != NULL) parent = "/tmp";
    bool made = snprintf(tracing->folder, sizeof tracing->folder - NAME_MAX, "%s/wtfcb-profile-XXXXXX", parent) <
                    (int)sizeof tracing->folder - NAME_MAX &&
                mkdtemp(tracing->folder) != NULL;
    if (!made) tracing->folder[0] = 0;
    return made;
}

void tracing_remove(struct tracing *tracing)
{
    struct dirent *entry;

    if (tracing->folder[0] == 0) return;
    DIR *folder = opendir(tracing->folder);
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL) closedir(folder);
    (void)rmdir(tracing->folder);
    tracing->folder[0] = 0;
}

/* ------------------------------------------------------------------------------------------------------- environment */

/* What was there stays behind ours, which has to see each call first. */
static bool set_environment(const struct tracing *tracing, const char *object, bool full)
{
    const char *there = getenv("LD_PRELOAD");
    size_t size = strlen(object) + (there != NULL ? strlen(there) : 0) + 2;
    char options[PATH_MAX + 32];
    char *preload = malloc(size);

    if (preload == NULL) return false;
    bool more = there != NULL && there[0] != 0;
    snprintf(preload, size, "%s%s%s", object, more ? ":" : "", more ? there : "");
    snprintf(options, sizeof options, "%s,folder=%s", full ? "full" : "sampled", tracing->folder);
    bool done = setenv("LD_PRELOAD", preload, 1) == 0 && setenv("WTFCB_ALLOC", options, 1) == 0;
    free(preload);
    return done;
}

bool tracing_prepare(struct tracing *tracing, bool full, char *message, size_t size)
{
    char object[PATH_MAX] = OBJECT;
    int length = 0;

    tracing->folder[0] = 0;
    if (!expect_object(object) || access(object, R_OK) != 0)
        length = snprintf(message, size, "--alloc needs %s, which is not there: install it with the library", object);
    else if (!make_folder(tracing))
        length = snprintf(message, size, "--alloc: cannot make a folder for temporary files: %s", strerror(errno));
    else if (!name_object(tracing, object) || !set_environment(tracing, object, full))
        length = snprintf(message, size, "--alloc: cannot set LD_PRELOAD: %s", strerror(errno));
    if (length > 0) tracing_remove(tracing);
    return length == 0;
}

/* ---------------------------------------------------------------------------------------------------------- obstacle */

/* The file that execvp(3) finds. */
static int open_command(const char *command)
{
    const char *path = getenv("PATH");
    char file[PATH_MAX];

    if (strchr(command, '/') != NULL || path == NULL) return open(command, O_RDONLY | O_CLOEXEC);
    for (const char *end; *path != 0; path = *end != 0 ? end + 1 : end) {
        end = strchrnul(path, ':');
        if (snprintf(file, sizeof file, "%.*s/%s", (int)(end - path), path, command) < (int)sizeof file &&
            access(file, X_OK) == 0)
            return open(file, O_RDONLY | O_CLOEXEC);
    }
    return -1;
}

/* Whether it is a program that the dynamic loader has no part in. */
static bool is_static(int fd)
{
    Elf64_Ehdr header;
    Elf64_Phdr part;

    if (pread(fd, &header, sizeof header, 0) != sizeof header || memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_phentsize != sizeof part)
        return false;
    for (size_t i = 0; i < header.e_phnum; i++)
        if (pread(fd, &part, sizeof part, (off_t)(header.e_phoff + i * sizeof part)) != sizeof part ||
            part.p_type == PT_INTERP)
            return false;
    return true;
}

static bool is_of_another_kind(int fd)
{
    unsigned char start[EI_NIDENT];

    return pread(fd, start, sizeof start, 0) == sizeof start && memcmp(start, ELFMAG, SELFMAG) == 0 &&
           start[EI_CLASS] != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32);
}

const char *tracing_obstacle(const char *command)
{
    struct stat info = {.st_mode = 0};
    int fd = open_command(command);
    const char *why = "it brings an allocator of its own, or has dropped LD_PRELOAD from its environment";

    if (fd < 0) return why;
    (void)fstat(fd, &info);
    if ((info.st_mode & (S_ISUID | S_ISGID)) != 0 || fgetxattr(fd, "security.capability", NULL, 0) > 0)
        why = "it runs with rights of its own (setuid, setgid or capabilities), so the loader ignores LD_PRELOAD";
    else if (is_static(fd))
        why = "it is statically linked, so there is no loader that heeds LD_PRELOAD";
    else if (is_of_another_kind(fd))
        why = "it is a program for another processor mode, which cannot load the object";
    close(fd);
    return why;
}
