/*
 * Edits of a generated tree. A step is a list of edits, an edit a change of the plan and of the few files whose text follows from what it changed.
 *
 * Choosing an edit and applying it to the plan touch nothing else, so that a handle can go through a series without a tree. On the disk an edit goes in three
 * parts: the files concerned are compared with what the plan says, the plan is changed, the files are written anew.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "benchmark/generate.h"

enum {
    CONCERNED_MAX = 12, /* files of one edit: itself, a module file, importers */
    RENAME_IMPORTERS = 8,
    UNIT_SIZE = 5500, /* as in generate_plan.c: units that are sure to be there */
    HEAD_SIZE = 2500,
    TRIES = 200,
    KEY_EDIT = 301
};

#define TEMPORARY ".wtfcb-edit.tmp"

typedef struct edit {
    int32_t kind; /* WTFCB_EDIT_* */
    uint32_t file;
    uint32_t unit; /* of a body that is changed or a function that is removed */
    uint32_t concerned[CONCERNED_MAX];
    uint32_t count;
} edit;

/* What a call works on; a NULL path: the plan alone. */
typedef struct work {
    wtfcb_project *project;
    const char *path;
    int root;
    uint64_t changed;
    wtfcb_error *error;
} work;

static bool is_source(const wtfcb_benchmark_file *file)
{
    return !file->removed && file->role <= WTFCB_BENCHMARK_HEADER && file->size >= WTFCB_BENCHMARK_CODE_SIZE;
}

static uint32_t revision_of(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file, uint32_t unit)
{
    for (uint32_t i = file->changes; i != WTFCB_BENCHMARK_NONE; i = plan->changes[i].next)
        if (plan->changes[i].unit == unit) return plan->changes[i].revision;
    return 0;
}

static bool set_revision(wtfcb_benchmark_plan *plan, uint32_t index, uint32_t unit, uint32_t revision)
{
    wtfcb_benchmark_file *file = &plan->files[index];
    for (uint32_t i = file->changes; i != WTFCB_BENCHMARK_NONE; i = plan->changes[i].next)
        if (plan->changes[i].unit == unit) {
            plan->changes[i].revision = revision;
            return true;
        }
    if (!wtfcb_base_reserve(plan->allocator, (void **)&plan->changes, &plan->change_capacity, plan->change_count + 1,
                            sizeof *plan->changes))
        return false;
    plan->changes[plan->change_count] = (wtfcb_benchmark_change){unit, revision, file->changes};
    file->changes = (uint32_t)plan->change_count++;
    return true;
}

/* Units of its first writing that are sure to be there. */
static uint32_t sure_units(const wtfcb_benchmark_file *file)
{
    return 1 + (file->size > HEAD_SIZE ? (file->size - HEAD_SIZE) / UNIT_SIZE : 0);
}

static void concern(edit *e, uint32_t file)
{
    if (file == WTFCB_BENCHMARK_NONE) return;
    assert(e->count < CONCERNED_MAX);
    e->concerned[e->count++] = file;
}

/* Those that import it. */
static void concern_importers(const wtfcb_benchmark_plan *plan, edit *e)
{
    for (uint32_t i = 0; i < plan->file_count; i++) {
        const wtfcb_benchmark_file *file = &plan->files[i];
        if (file->removed) continue;
        for (uint32_t j = 0; j < file->edge_count; j++)
            if (plan->edges[file->first_edge + j].file == e->file) {
                concern(e, i);
                break;
            }
    }
}

/* The file that lists what is in a folder, where the language has one. */
static uint32_t listing(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file)
{
    return wtfcb_benchmark_plan_language(plan, file) == WTFCB_BENCHMARK_RUST ? plan->directories[file->directory].module
                                                                             : WTFCB_BENCHMARK_NONE;
}

static bool choose_body(const wtfcb_benchmark_plan *plan, wtfcb_benchmark_draw *draw, edit *e)
{
    const wtfcb_benchmark_file *file = &plan->files[e->file];
    e->unit = wtfcb_benchmark_draw_below(draw, sure_units(file));
    if (revision_of(plan, file, e->unit) == WTFCB_BENCHMARK_REMOVED) e->unit = 0;
    concern(e, e->file);
    return true;
}

static bool choose_removed(const wtfcb_benchmark_plan *plan, edit *e)
{
    const wtfcb_benchmark_file *file = &plan->files[e->file];
    bool found = false;
    for (uint32_t i = 3; !found && i < sure_units(file); i += 4) {
        e->unit = i;
        found = wtfcb_benchmark_unit_kind(file, i) == WTFCB_BENCHMARK_FUNCTION &&
                revision_of(plan, file, i) != WTFCB_BENCHMARK_REMOVED;
    }
    for (uint32_t i = 0; !found && i < file->added; i++) {
        e->unit = WTFCB_BENCHMARK_ADDED + i;
        found = revision_of(plan, file, e->unit) != WTFCB_BENCHMARK_REMOVED;
    }
    if (found) concern(e, e->file);
    return found;
}

/* Whether the file bears an edit of its kind; which files are concerned. */
static bool choose_details(const wtfcb_benchmark_plan *plan, wtfcb_benchmark_draw *draw, edit *e)
{
    const wtfcb_benchmark_file *file = &plan->files[e->file];
    e->count = 0;
    switch (e->kind) {
    case WTFCB_EDIT_ADD_FUNCTION: concern(e, e->file); return file->added < 1000;
    case WTFCB_EDIT_REMOVE_FUNCTION: return choose_removed(plan, e);
    case WTFCB_EDIT_RENAME_FILE:
        if (file->importers > RENAME_IMPORTERS) return false;
        concern(e, e->file);
        concern(e, listing(plan, file));
        concern_importers(plan, e);
        return true;
    case WTFCB_EDIT_ADD_FILE: concern(e, listing(plan, file)); return true;
    case WTFCB_EDIT_DELETE_FILE:
        if (file->importers > 0 || file->partner != WTFCB_BENCHMARK_NONE) return false;
        concern(e, e->file);
        concern(e, listing(plan, file));
        return true;
    default: return choose_body(plan, draw, e);
    }
}

/* The next edit of a step; false when the project has no file to edit. */
static bool choose(wtfcb_project *project, wtfcb_benchmark_draw *draw, uint32_t step, edit *e)
{
    static const struct {
        int32_t kind;
        uint32_t weight;
    } kinds[] = {{WTFCB_EDIT_BODY, 60},       {WTFCB_EDIT_ADD_FUNCTION, 12}, {WTFCB_EDIT_REMOVE_FUNCTION, 8},
                 {WTFCB_EDIT_RENAME_FILE, 6}, {WTFCB_EDIT_ADD_FILE, 8},      {WTFCB_EDIT_DELETE_FILE, 6}};
    wtfcb_benchmark_plan *plan = &project->plan;
    uint32_t all = 0, tries = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (project->values[WTFCB_PROJECT_EDITS] & kinds[i].kind) all += kinds[i].weight;
    uint32_t dice = wtfcb_benchmark_draw_below(draw, all);
    e->kind = WTFCB_EDIT_BODY;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!(project->values[WTFCB_PROJECT_EDITS] & kinds[i].kind)) continue;
        if (dice < kinds[i].weight) {
            e->kind = kinds[i].kind;
            break;
        }
        dice -= kinds[i].weight;
    }
    uint32_t start = 0;
    do {
        start = wtfcb_benchmark_draw_below(draw, (uint32_t)plan->file_count);
    } while ((!is_source(&plan->files[start]) || plan->files[start].touched == step) && ++tries < TRIES);
    for (size_t i = 0; i < plan->file_count; i++) { /* where the dice find none, the next one */
        e->file = (uint32_t)((start + i) % plan->file_count);
        if (is_source(&plan->files[e->file]) && plan->files[e->file].touched != step) break;
        if (i + 1 == plan->file_count) return false;
    }
    plan->files[e->file].touched = step;
    if (choose_details(plan, draw, e)) return true;
    e->kind = WTFCB_EDIT_BODY;
    return choose_details(plan, draw, e);
}

static bool add_file(wtfcb_benchmark_plan *plan, edit *e, uint32_t step)
{
    uint32_t index = (uint32_t)plan->file_count;
    wtfcb_benchmark_file *file =
        wtfcb_benchmark_plan_add(plan, plan->files[e->file].directory, WTFCB_BENCHMARK_SOURCE, 0);
    if (!file) return false;
    file->touched = step;
    concern(e, index);
    return wtfcb_benchmark_plan_link_last(plan) == WTFCB_OK;
}

static void delete_file(wtfcb_benchmark_plan *plan, uint32_t index)
{
    wtfcb_benchmark_file *file = &plan->files[index];
    file->removed = true;
    for (uint32_t i = 0; i < file->edge_count; i++)
        plan->files[plan->edges[file->first_edge + i].file].importers--;
}

/* Change the plan. False when memory has run out. */
static bool apply(wtfcb_benchmark_plan *plan, edit *e, uint32_t step)
{
    wtfcb_benchmark_file *file = &plan->files[e->file];
    switch (e->kind) {
    case WTFCB_EDIT_ADD_FUNCTION: file->added++; break;
    case WTFCB_EDIT_REMOVE_FUNCTION:
        if (!set_revision(plan, e->file, e->unit, WTFCB_BENCHMARK_REMOVED)) return false;
        break;
    case WTFCB_EDIT_RENAME_FILE: file->file_name = plan->components[file->component].names++; break;
    case WTFCB_EDIT_ADD_FILE:
        if (!add_file(plan, e, step)) return false;
        break;
    case WTFCB_EDIT_DELETE_FILE: delete_file(plan, e->file); break;
    default:
        if (!set_revision(plan, e->file, e->unit, revision_of(plan, file, e->unit) + 1)) return false;
    }
    for (uint32_t i = 0; i < e->count; i++)
        plan->files[e->concerned[i]].bytes = 0;
    return true;
}

static wtfcb_status fail(const work *w, wtfcb_status status, int os_error)
{
    bool named = !w->project->path.failed && w->project->path.length > 0;
    if (status == WTFCB_ECHANGED)
        return wtfcb_base_error(w->error, status, os_error, named ? w->project->path.data : w->path,
                                "%.250s in %.150s is not as the steps before have left it; generate the project anew",
                                named ? w->project->path.data : "a file", w->path);
    return wtfcb_benchmark_project_error(w->error, status, os_error, w->path, named ? w->project->path.data : NULL);
}

/* Whether a file stands as the plan says. */
static wtfcb_status verify(work *w, uint32_t file)
{
    wtfcb_project *project = w->project;
    int os_error = 0;
    wtfcb_status status = wtfcb_benchmark_project_path(project, file);
    if (status == WTFCB_OK) status = wtfcb_benchmark_project_text(project, file);
    if (status != WTFCB_OK) return fail(w, status, 0);
    wtfcb_base_buffer_reset(&project->found);
    status = wtfcb_base_file_load(w->root, project->path.data, false, project->text.length, &project->found, &os_error);
    if (status == WTFCB_ELIMIT) status = WTFCB_ECHANGED;
    if (status != WTFCB_OK) return fail(w, status, os_error);
    if (project->found.length != project->text.length ||
        (project->text.length > 0 && memcmp(project->found.data, project->text.data, project->text.length) != 0))
        return fail(w, WTFCB_ECHANGED, 0);
    return WTFCB_OK;
}

/* Take a file away, at the path that the plan gives it now. */
static wtfcb_status take_away(work *w, uint32_t file)
{
    wtfcb_status status = wtfcb_benchmark_project_path(w->project, file);
    if (status != WTFCB_OK) return fail(w, status, 0);
    if (unlinkat(w->root, w->project->path.data, 0) != 0) return fail(w, wtfcb_base_status_of_errno(errno), errno);
    w->changed++;
    return WTFCB_OK;
}

/* Write a file as the plan has it now: a new one, or in place of the one that stands there. */
static wtfcb_status write_file(work *w, uint32_t file, bool is_new)
{
    wtfcb_project *project = w->project;
    wtfcb_status status = wtfcb_benchmark_project_path(project, file);
    if (status == WTFCB_OK) status = wtfcb_benchmark_project_text(project, file);
    if (status != WTFCB_OK) return fail(w, status, 0);
    const char *path = project->path.data;
    int os_error = wtfcb_benchmark_project_write(w->root, is_new ? path : TEMPORARY, &project->text);
    if (os_error == EEXIST) return fail(w, WTFCB_ECHANGED, os_error);
    if (os_error == 0 && !is_new && renameat(w->root, TEMPORARY, w->root, path) != 0) {
        os_error = errno;
        (void)unlinkat(w->root, TEMPORARY, 0);
    }
    if (os_error != 0) return fail(w, wtfcb_base_status_of_errno(os_error), os_error);
    project->plan.files[file].bytes = project->text.length;
    w->changed++;
    return WTFCB_OK;
}

/* One edit, on the plan and, when there is a root, on the disk. */
static wtfcb_status run(work *w, edit *e, uint32_t step)
{
    wtfcb_benchmark_plan *plan = &w->project->plan;
    wtfcb_status status = WTFCB_OK;
    for (uint32_t i = 0; w->path && i < e->count && status == WTFCB_OK; i++)
        status = verify(w, e->concerned[i]);
    if (status != WTFCB_OK) return status;
    uint32_t named = plan->files[e->file].file_name;
    if (!apply(plan, e, step)) return w->path ? fail(w, WTFCB_ENOMEM, 0) : WTFCB_ENOMEM;
    if (!w->path) return WTFCB_OK;
    bool renamed = e->kind == WTFCB_EDIT_RENAME_FILE, deleted = e->kind == WTFCB_EDIT_DELETE_FILE;
    for (uint32_t i = 0; i < e->count && status == WTFCB_OK; i++) {
        uint32_t file = e->concerned[i];
        bool added = e->kind == WTFCB_EDIT_ADD_FILE && i + 1 == e->count;
        if (!(deleted && file == e->file)) status = write_file(w, file, added || (renamed && file == e->file));
    }
    if (status != WTFCB_OK || !(renamed || deleted)) return status;
    uint32_t now = plan->files[e->file].file_name;
    plan->files[e->file].file_name = named;
    status = take_away(w, e->file);
    plan->files[e->file].file_name = now;
    return status;
}

static wtfcb_status run_step(work *w, uint64_t step)
{
    wtfcb_project *project = w->project;
    uint64_t count =
        (uint64_t)project->values[WTFCB_PROJECT_FILES] * (uint64_t)project->values[WTFCB_PROJECT_CHANGES] / 1000;
    uint64_t key = wtfcb_benchmark_key(wtfcb_benchmark_key(project->plan.shape.seed, KEY_EDIT), step);
    for (uint64_t i = 0; i < count || i == 0; i++) {
        wtfcb_benchmark_draw draw = {wtfcb_benchmark_key(key, i)};
        edit e = {0};
        if (wtfcb_cancel_fired(project->cancel)) return w->path ? fail(w, WTFCB_ECANCELLED, 0) : WTFCB_ECANCELLED;
        if (!choose(project, &draw, (uint32_t)step + 1, &e)) break;
        wtfcb_status status = run(w, &e, (uint32_t)step + 1);
        if (status != WTFCB_OK) return status;
    }
    project->steps = step + 1;
    return WTFCB_OK;
}

/* Bring the plan to where `step` is the next. */
static wtfcb_status go_to(wtfcb_project *project, uint64_t step)
{
    if (project->planned && project->steps > step) wtfcb_benchmark_project_forget(project);
    wtfcb_status status = wtfcb_benchmark_project_plan(project);
    work w = {.project = project, .root = -1};
    while (status == WTFCB_OK && project->steps < step)
        status = run_step(&w, project->steps);
    return status;
}

wtfcb_status wtfcb_project_edit(wtfcb_project *project, const char *path, uint64_t step, uint64_t *ret_changed,
                                wtfcb_error *ret_error)
{
    if (!project || !path) return wtfcb_base_error(ret_error, WTFCB_EINVAL, 0, NULL, "no project, or no folder");
    work w = {.project = project, .path = path, .root = wtfcb_base_dir_open(AT_FDCWD, path, true), .error = ret_error};
    wtfcb_base_buffer_reset(&project->path);
    if (w.root < 0) return fail(&w, errno == ENOTDIR ? WTFCB_ESPECIAL : wtfcb_base_status_of_errno(errno), errno);
    wtfcb_status status = go_to(project, step);
    if (status != WTFCB_OK) {
        wtfcb_base_buffer_reset(&project->path);
        (void)fail(&w, status, 0);
    } else {
        status = run_step(&w, step);
    }
    if (status != WTFCB_OK) wtfcb_benchmark_project_forget(project);
    (void)close(w.root);
    if (status == WTFCB_OK && ret_changed) *ret_changed = w.changed;
    return status;
}
