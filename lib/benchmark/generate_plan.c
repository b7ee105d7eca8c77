/*
 * Which files a project has: components, folders, sizes, and who imports whom.
 *
 * A component is filled folder by folder. Imports go back: a file imports what is before it, two times in three what some file imports
 * already, so that a few files are imported by many (preferential attachment). A few go forward and close cycles, where the language bears it.
 */
#include "benchmark/generate_plan.h"

#include <assert.h>

#include "base/memory.h"
#include "benchmark/generate_draw.h"
#include "benchmark/generate_text.h"

enum {
    SIZE_MIN = 48,
    IMPORTS_MAX = 16,
    IMPORT_ROOM = 300, /* bytes of a file for each import */
    TRIES = 8,
    FOLDER_FILES = 5, /* 1 to 5, 3 on average */
    UNIT_MAX = 5500,  /* bytes that no unit exceeds */
    HEAD_MAX = 2500   /* likewise, all that stands before the second unit */
};

/* Purposes of keys below the seed, a component's or a file's. */
enum { KEY_COMPONENT = 1, KEY_FILE, KEY_SIZE, KEY_LINK };

/* How much of a project is in each language, in hundredths of all. */
static const uint32_t shares[WTFCB_BENCHMARK_LANGUAGES] = {24, 18, 14, 14, 12, 9, 9};

static bool has_manifest(uint32_t language)
{
    return language != WTFCB_BENCHMARK_C && language != WTFCB_BENCHMARK_JAVA;
}

static bool has_modules(uint32_t language)
{
    return language == WTFCB_BENCHMARK_PYTHON || language == WTFCB_BENCHMARK_RUST;
}

void wtfcb_benchmark_plan_free(wtfcb_benchmark_plan *plan)
{
    if (!plan->allocator) return;
    wtfcb_base_free(plan->allocator, plan->directories, plan->directory_capacity * sizeof *plan->directories);
    wtfcb_base_free(plan->allocator, plan->files, plan->file_capacity * sizeof *plan->files);
    wtfcb_base_free(plan->allocator, plan->edges, plan->edge_capacity * sizeof *plan->edges);
    wtfcb_base_free(plan->allocator, plan->changes, plan->change_capacity * sizeof *plan->changes);
    *plan = (wtfcb_benchmark_plan){0};
}

uint32_t wtfcb_benchmark_plan_size(const wtfcb_benchmark_shape *shape, uint64_t key)
{
    wtfcb_benchmark_draw draw = {wtfcb_benchmark_key(key, KEY_SIZE)};
    uint64_t size = 0, edge = shape->cap;
    int64_t most = INT64_MAX;
    if (shape->tail > 0) {
        uint64_t tail = ((uint64_t)shape->tail << 32) / 1000;
        most = wtfcb_benchmark_draw_quantile((uint32_t)tail);
        edge = wtfcb_benchmark_exponential(shape->mu, shape->sigma, most, shape->cap);
    }
    if (shape->tail > 0 && wtfcb_benchmark_draw_chance(&draw, shape->tail)) {
        size = wtfcb_benchmark_draw_pareto(&draw, edge, shape->alpha, shape->cap);
    } else {
        int64_t z = wtfcb_benchmark_draw_normal(&draw);
        while (z > most)
            z = wtfcb_benchmark_draw_normal(&draw);
        size = wtfcb_benchmark_exponential(shape->mu, shape->sigma, z, shape->cap);
    }
    return size < SIZE_MIN ? SIZE_MIN : (uint32_t)size;
}

static wtfcb_benchmark_directory *add_directory(wtfcb_benchmark_plan *plan, uint32_t component, uint32_t parent)
{
    if (!wtfcb_base_reserve(plan->allocator, (void **)&plan->directories, &plan->directory_capacity,
                            plan->directory_count + 1, sizeof *plan->directories))
        return NULL;
    wtfcb_benchmark_component *own = &plan->components[component];
    wtfcb_benchmark_directory *directory = &plan->directories[plan->directory_count++];
    *directory =
        (wtfcb_benchmark_directory){.component = component,
                                    .parent = parent,
                                    .name = own->directory_count++,
                                    .module = WTFCB_BENCHMARK_NONE,
                                    .level = parent == WTFCB_BENCHMARK_NONE ? 0 : plan->directories[parent].level + 1};
    return directory;
}

wtfcb_benchmark_file *wtfcb_benchmark_plan_add(wtfcb_benchmark_plan *plan, uint32_t directory, uint8_t role,
                                               uint32_t size)
{
    if (!wtfcb_base_reserve(plan->allocator, (void **)&plan->files, &plan->file_capacity, plan->file_count + 1,
                            sizeof *plan->files))
        return NULL;
    uint32_t index = (uint32_t)plan->file_count;
    uint32_t component = plan->directories[directory].component;
    wtfcb_benchmark_component *own = &plan->components[component];
    uint64_t key = wtfcb_benchmark_key(wtfcb_benchmark_key(plan->shape.seed, KEY_FILE), index);
    wtfcb_benchmark_file *file = &plan->files[plan->file_count++];
    *file = (wtfcb_benchmark_file){.key = key,
                                   .component = component,
                                   .directory = directory,
                                   .partner = WTFCB_BENCHMARK_NONE,
                                   .size = size > 0 ? size : wtfcb_benchmark_plan_size(&plan->shape, key),
                                   .changes = WTFCB_BENCHMARK_NONE,
                                   .role = role};
    if (role == WTFCB_BENCHMARK_SOURCE || role == WTFCB_BENCHMARK_HEADER) file->name = file->file_name = own->names++;
    if (index == own->first_file + own->file_count) own->file_count++; /* what edits add stands elsewhere */
    return file;
}

/* The file that the component's language wants in the last folder, if it wants one. False when memory has run out. */
static bool add_module(wtfcb_benchmark_plan *plan, uint32_t language, uint32_t *left)
{
    if (*left == 0 || !has_modules(language)) return true;
    uint32_t directory = (uint32_t)plan->directory_count - 1;
    plan->directories[directory].module = (uint32_t)plan->file_count;
    (*left)--;
    return wtfcb_benchmark_plan_add(plan, directory, WTFCB_BENCHMARK_MODULE, SIZE_MIN) != NULL;
}

/* `count` files into the last folder. */
static bool fill_directory(wtfcb_benchmark_plan *plan, wtfcb_benchmark_draw *draw, uint32_t language, uint32_t count)
{
    uint32_t directory = (uint32_t)plan->directory_count - 1;
    while (count > 0) {
        uint32_t dice = language == WTFCB_BENCHMARK_C ? wtfcb_benchmark_draw_below(draw, 100) : 100;
        bool header = dice < 70, source = dice >= 70 || (dice < 50 && count > 1);
        uint32_t first = (uint32_t)plan->file_count;
        if (header && !wtfcb_benchmark_plan_add(plan, directory, WTFCB_BENCHMARK_HEADER, 0)) return false;
        if (source && !wtfcb_benchmark_plan_add(plan, directory, WTFCB_BENCHMARK_SOURCE, 0)) return false;
        if (header && source) {
            wtfcb_benchmark_file *pair = &plan->files[first];
            pair[0].partner = first + 1;
            pair[1].partner = first;
            pair[1].name = pair[1].file_name = pair[0].name;
        }
        count -= (uint32_t)header + (uint32_t)source;
    }
    return true;
}

/* Three folders in four lie in the component's own, the others in one of those. */
static uint32_t choose_parent(const wtfcb_benchmark_plan *plan, wtfcb_benchmark_draw *draw, uint32_t base)
{
    uint32_t below = (uint32_t)plan->directory_count - base;
    if (below < 2 || wtfcb_benchmark_draw_below(draw, 4) != 0) return base;
    uint32_t parent = base + wtfcb_benchmark_draw_below(draw, below);
    return plan->directories[parent].level > plan->directories[base].level + 1 ? base : parent;
}

/* A component's own folder, with its manifest, and the folder of its sources, if that is another one. False when memory has run out. */
static bool begin_component(wtfcb_benchmark_plan *plan, uint32_t index, uint32_t *left)
{
    wtfcb_benchmark_component *own = &plan->components[index];
    uint32_t top = (uint32_t)plan->directory_count;
    if (!add_directory(plan, index, WTFCB_BENCHMARK_NONE)) return false;
    if (has_manifest(own->language) && *left > 1) {
        own->manifest = (uint32_t)plan->file_count;
        (*left)--;
        if (!wtfcb_benchmark_plan_add(plan, top, WTFCB_BENCHMARK_MANIFEST, SIZE_MIN)) return false;
    }
    if (own->source_folder && !add_directory(plan, index, top)) return false;
    own->first_directory = (uint32_t)plan->directory_count - 1;
    return true;
}

/* A component of `left` files. */
static wtfcb_status make_component(wtfcb_benchmark_plan *plan, uint32_t language, uint32_t left)
{
    uint32_t index = plan->component_count++;
    wtfcb_benchmark_component *own = &plan->components[index];
    *own = (wtfcb_benchmark_component){
        .key = wtfcb_benchmark_key(wtfcb_benchmark_key(plan->shape.seed, KEY_COMPONENT), index),
        .language = language,
        .first_file = (uint32_t)plan->file_count,
        .manifest = WTFCB_BENCHMARK_NONE,
        .source_folder = language == WTFCB_BENCHMARK_RUST};
    wtfcb_benchmark_draw draw = {own->key};
    if (!begin_component(plan, index, &left)) return WTFCB_ENOMEM;
    for (bool first = true; left > 0; first = false) {
        uint32_t count = 1 + wtfcb_benchmark_draw_below(&draw, FOLDER_FILES), before = left;
        if (!first && !add_directory(plan, index, choose_parent(plan, &draw, own->first_directory)))
            return WTFCB_ENOMEM;
        if (!add_module(plan, language, &left)) return WTFCB_ENOMEM;
        count = count > before - left ? count - (before - left) : 1;
        if (count > left) count = left;
        if (!fill_directory(plan, &draw, language, count)) return WTFCB_ENOMEM;
        left -= count;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_plan_make(wtfcb_benchmark_plan *plan, const wtfcb_allocator *allocator,
                                       const wtfcb_benchmark_shape *shape)
{
    plan->allocator = allocator;
    plan->shape = *shape;
    uint32_t all = 0, sum = 0, groups = shape->files < 500 ? 1 : shape->files < 5000 ? 2 : 4;
    for (uint32_t i = 0; i < WTFCB_BENCHMARK_LANGUAGES; i++)
        if (shape->languages >> i & 1) all += shares[i];
    for (uint32_t i = 0; i < WTFCB_BENCHMARK_LANGUAGES; i++) {
        if (!(shape->languages >> i & 1)) continue;
        for (uint32_t j = 0; j < groups; j++) {
            uint64_t from = sum * groups + shares[i] * j, to = from + shares[i];
            uint64_t begin = shape->files * from / ((uint64_t)all * groups);
            uint64_t end = shape->files * to / ((uint64_t)all * groups);
            if (begin == end) continue;
            wtfcb_status status = make_component(plan, i, (uint32_t)(end - begin));
            if (status != WTFCB_OK) return status;
        }
        sum += shares[i];
    }
    plan->planned = plan->file_count;
    return wtfcb_benchmark_plan_link(plan);
}

uint32_t wtfcb_benchmark_plan_language(const wtfcb_benchmark_plan *plan, const wtfcb_benchmark_file *file)
{
    return plan->components[file->component].language;
}

/* Whether the one file can import the other by the rules of their language and of what they hold. */
static bool may_import(const wtfcb_benchmark_plan *plan, uint32_t from, uint32_t to)
{
    const wtfcb_benchmark_file *own = &plan->files[from], *other = &plan->files[to];
    uint32_t language = wtfcb_benchmark_plan_language(plan, own);
    if (from == to || other->removed || other->size < WTFCB_BENCHMARK_CODE_SIZE) return false;
    if (language == WTFCB_BENCHMARK_C && (other->role != WTFCB_BENCHMARK_HEADER || own->partner == to)) return false;
    if (language != WTFCB_BENCHMARK_C && other->role != WTFCB_BENCHMARK_SOURCE) return false;
    if (language == WTFCB_BENCHMARK_GO && other->directory >= own->directory) return false;
    if (language == WTFCB_BENCHMARK_JAVA && other->directory == own->directory) return false;
    for (uint32_t i = 0; i < own->edge_count; i++)
        if (plan->edges[own->first_edge + i].file == to) return false;
    return true;
}

static bool add_edge(wtfcb_benchmark_plan *plan, wtfcb_benchmark_draw *draw, uint32_t from, uint32_t to)
{
    if (!wtfcb_base_reserve(plan->allocator, (void **)&plan->edges, &plan->edge_capacity, plan->edge_count + 1,
                            sizeof *plan->edges))
        return false;
    wtfcb_benchmark_file *other = &plan->files[to];
    uint32_t units = 1 + (other->size > HEAD_MAX ? (other->size - HEAD_MAX) / UNIT_MAX : 0);
    uint32_t unit = wtfcb_benchmark_draw_below(draw, units);
    if (wtfcb_benchmark_unit_kind(other, unit) != WTFCB_BENCHMARK_FUNCTION || wtfcb_benchmark_unit_private(unit))
        unit = 0;
    plan->edges[plan->edge_count++] = (wtfcb_benchmark_edge){to, unit};
    plan->files[from].edge_count++;
    other->importers++;
    return true;
}

/* What file `from` imports among the files `first` to `first + count` - 1, which stand before it. */
static bool link_file(wtfcb_benchmark_plan *plan, uint32_t from, uint32_t first, uint32_t count, size_t first_edge)
{
    wtfcb_benchmark_file *own = &plan->files[from];
    wtfcb_benchmark_draw draw = {wtfcb_benchmark_key(own->key, KEY_LINK)};
    uint32_t language = wtfcb_benchmark_plan_language(plan, own);
    own->first_edge = (uint32_t)plan->edge_count;
    if (own->role > WTFCB_BENCHMARK_HEADER) return true;
    if (own->role == WTFCB_BENCHMARK_SOURCE && own->partner != WTFCB_BENCHMARK_NONE &&
        !add_edge(plan, &draw, from, own->partner))
        return false;
    if (own->size < WTFCB_BENCHMARK_CODE_SIZE) return true;
    uint32_t wanted = 2 + wtfcb_benchmark_draw_below(&draw, 5);
    if (wtfcb_benchmark_draw_chance(&draw, 150)) wanted += wtfcb_benchmark_draw_below(&draw, 9);
    if (wanted > own->size / IMPORT_ROOM - 1) wanted = own->size / IMPORT_ROOM - 1;
    if (wanted > IMPORTS_MAX) wanted = IMPORTS_MAX;
    for (uint32_t tries = 0; tries < TRIES * wanted && own->edge_count < wanted && count > 0; tries++) {
        uint32_t to = first + wtfcb_benchmark_draw_below(&draw, count);
        size_t edges = plan->edge_count - first_edge;
        if (edges > 0 && wtfcb_benchmark_draw_chance(&draw, 660))
            to = plan->edges[first_edge + wtfcb_benchmark_draw_below(&draw, (uint32_t)edges)].file;
        if (may_import(plan, from, to) && !add_edge(plan, &draw, from, to)) return false;
    }
    uint32_t end = plan->components[own->component].first_file + plan->components[own->component].file_count;
    if (from + 1 >= end || language == WTFCB_BENCHMARK_C || language == WTFCB_BENCHMARK_GO || wanted < 2) return true;
    uint32_t ahead = from + 1 + wtfcb_benchmark_draw_below(&draw, end - from - 1 < 30 ? end - from - 1 : 30);
    if (wtfcb_benchmark_draw_chance(&draw, 40) && may_import(plan, from, ahead))
        return add_edge(plan, &draw, from, ahead);
    return true;
}

wtfcb_status wtfcb_benchmark_plan_link(wtfcb_benchmark_plan *plan)
{
    for (uint32_t c = 0; c < plan->component_count; c++) {
        const wtfcb_benchmark_component *own = &plan->components[c];
        size_t first_edge = plan->edge_count;
        for (uint32_t i = 0; i < own->file_count; i++)
            if (!link_file(plan, own->first_file + i, own->first_file, i, first_edge)) return WTFCB_ENOMEM;
    }
    return WTFCB_OK;
}

wtfcb_status wtfcb_benchmark_plan_link_last(wtfcb_benchmark_plan *plan)
{
    uint32_t last = (uint32_t)plan->file_count - 1;
    const wtfcb_benchmark_component *own = &plan->components[plan->files[last].component];
    return link_file(plan, last, own->first_file, own->file_count, plan->edge_count) ? WTFCB_OK : WTFCB_ENOMEM;
}
