/*
 * A project onto the disk: folders, then files, each made new. What fails is undone in reverse, and only what this call has made.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "benchmark/generate.h"

/* What a call has made so far. */
typedef struct made {
    int root; /* the folder, or -1 */
    bool folder;
    uint32_t directories;
    uint32_t files;
} made;

wtfcb_status wtfcb_benchmark_project_error(wtfcb_error *error, wtfcb_status status, int os_error, const char *root,
                                           const char *path)
{
    const char *why = os_error ? strerror(os_error) : wtfcb_status_message(status);
    if (!path) return wtfcb_base_error(error, status, os_error, root, "cannot write to %.250s: %s", root, why);
    return wtfcb_base_error(error, status, os_error, path, "cannot write %.250s in %.150s: %s", path, root, why);
}

int wtfcb_benchmark_project_write(int root, const char *name, const wtfcb_base_buffer *text)
{
    int fd = openat(root, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0) return errno;
    int os_error = 0;
    for (size_t at = 0; at < text->length && os_error == 0;) {
        ssize_t written = write(fd, text->data + at, text->length - at);
        if (written > 0)
            at += (size_t)written;
        else if (written == 0 || errno != EINTR)
            os_error = written == 0 ? EIO : errno;
    }
    if (close(fd) != 0 && os_error == 0 && errno != EINTR) os_error = errno;
    if (os_error != 0) (void)unlinkat(root, name, 0);
    return os_error;
}

static int any_entry(void *user, const wtfcb_base_dirent *entry)
{
    (void)user;
    (void)entry;
    return 1;
}

/* The folder, made or found empty. */
static wtfcb_status open_folder(made *m, const char *path, wtfcb_error *ret_error)
{
    char scratch[4096];
    m->folder = mkdir(path, 0777) == 0;
    if (!m->folder && errno != EEXIST)
        return wtfcb_benchmark_project_error(ret_error, wtfcb_base_status_of_errno(errno), errno, path, NULL);
    m->root = wtfcb_base_dir_open(AT_FDCWD, path, true);
    if (m->root < 0 && errno == ENOTDIR)
        return wtfcb_base_error(ret_error, WTFCB_ESPECIAL, ENOTDIR, path, "%.250s is not a folder; name one", path);
    if (m->root < 0)
        return wtfcb_benchmark_project_error(ret_error, wtfcb_base_status_of_errno(errno), errno, path, NULL);
    int listed = m->folder ? 0 : wtfcb_base_dir_list(m->root, scratch, sizeof scratch, any_entry, NULL);
    if (listed < 0)
        return wtfcb_benchmark_project_error(ret_error, wtfcb_base_status_of_errno(errno), errno, path, NULL);
    if (listed > 0)
        return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, path,
                                "%.250s is not empty; name a folder that is, or one that does not exist", path);
    return WTFCB_OK;
}

static wtfcb_status directory_path(wtfcb_project *project, uint32_t directory)
{
    wtfcb_base_buffer_reset(&project->path);
    wtfcb_benchmark_plan_directory_path(&project->plan, directory, "/", WTFCB_BENCHMARK_NONE, &project->path);
    wtfcb_base_buffer_append_byte(&project->path, '\0');
    return project->path.failed ? WTFCB_ENOMEM : WTFCB_OK;
}

static wtfcb_status make_directories(wtfcb_project *project, made *m, const char *path, wtfcb_error *ret_error)
{
    for (uint32_t i = 0; i < project->plan.directory_count; i++) {
        wtfcb_status status = directory_path(project, i);
        int os_error = 0;
        if (status == WTFCB_OK && mkdirat(m->root, project->path.data, 0777) != 0) {
            os_error = errno;
            status = wtfcb_base_status_of_errno(os_error);
        }
        if (status != WTFCB_OK)
            return wtfcb_benchmark_project_error(ret_error, status, os_error, path,
                                                 project->path.failed ? NULL : project->path.data);
        m->directories++;
    }
    return WTFCB_OK;
}

static wtfcb_status write_files(wtfcb_project *project, made *m, const char *path, wtfcb_error *ret_error)
{
    for (uint32_t i = 0; i < project->plan.file_count; i++) {
        int os_error = 0;
        wtfcb_status status = wtfcb_cancel_fired(project->cancel) ? WTFCB_ECANCELLED : WTFCB_OK;
        if (status == WTFCB_OK) status = wtfcb_benchmark_project_path(project, i);
        if (status != WTFCB_OK) return wtfcb_benchmark_project_error(ret_error, status, 0, path, NULL);
        status = wtfcb_benchmark_project_text(project, i);
        if (status == WTFCB_OK) {
            os_error = wtfcb_benchmark_project_write(m->root, project->path.data, &project->text);
            status = wtfcb_base_status_of_errno(os_error);
        }
        if (status != WTFCB_OK)
            return wtfcb_benchmark_project_error(ret_error, status, os_error, path, project->path.data);
        m->files++;
        project->plan.files[i].bytes = project->text.length;
    }
    return WTFCB_OK;
}

/* Names come from numbers into a buffer that is large enough by now, unless memory ran out for the first of them. */
static void undo(wtfcb_project *project, const made *m, const char *path)
{
    for (uint32_t i = m->files; i > 0; i--)
        if (wtfcb_benchmark_project_path(project, i - 1) == WTFCB_OK) (void)unlinkat(m->root, project->path.data, 0);
    for (uint32_t i = m->directories; i > 0; i--)
        if (directory_path(project, i - 1) == WTFCB_OK) (void)unlinkat(m->root, project->path.data, AT_REMOVEDIR);
    if (m->folder) (void)rmdir(path);
}

wtfcb_status wtfcb_project_generate(wtfcb_project *project, const char *path, wtfcb_error *ret_error)
{
    if (!project || !path) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no project, or no folder");
    made m = {.root = -1};
    if (project->steps > 0) wtfcb_benchmark_project_forget(project);
    wtfcb_status status = wtfcb_benchmark_project_plan(project);
    if (status != WTFCB_OK) return wtfcb_base_error(ret_error, status, 0, path, "no memory to plan a project");
    status = open_folder(&m, path, ret_error);
    if (status == WTFCB_OK) status = make_directories(project, &m, path, ret_error);
    if (status == WTFCB_OK) status = write_files(project, &m, path, ret_error);
    if (status != WTFCB_OK) undo(project, &m, path);
    if (m.root >= 0) (void)close(m.root);
    return status;
}
