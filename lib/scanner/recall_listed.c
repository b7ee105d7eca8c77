/* A directory that the walk has listed, held against its record. See recall.h. */
#include <string.h>

#include "cache/place.h"
#include "cache/signature.h"
#include "lang/hints.h"
#include "scanner/recall_draft.h"
#include "scanner/recall_key.h"

/* One directory on its way through. */
typedef struct listing {
    wtfcb_scanner_recall *recall;
    wtfcb_scanner_recall_worker *worker;
    const wtfcb_scanner_recall_root *root;
    uint64_t device; /* that its files lie on */
    wtfcb_cache_key key;
    wtfcb_scanner_dir_view view; /* of the old record; empty without one */
    bool found;                  /* there is an old record */
    bool stale_grammars;         /* at least one is not what it was */
    uint32_t pending;            /* files that have to be examined */
    uint32_t unchanged;          /* files of the record that are as they were */
    uint32_t directories;        /* below this one */
    uint32_t known_directories;  /* of those, in the record */
} listing;

/* A payload, copied into the worker's arena. */
typedef struct copying {
    wtfcb_base_arena *arena;
    void *payload;
    size_t length;
} copying;

static wtfcb_status take_copy(void *user, const void *payload, size_t length)
{
    copying *c = user;
    c->payload = wtfcb_base_arena_alloc(c->arena, length > 0 ? length : 1);
    if (!c->payload) return WTFCB_ENOMEM;
    memcpy(c->payload, payload, length);
    c->length = length;
    return WTFCB_OK;
}

wtfcb_status wtfcb_scanner_recall_read(wtfcb_scanner_recall_worker *worker, const wtfcb_cache_key *key,
                                       wtfcb_scanner_dir_view *ret_view)
{
    copying c = {.arena = &worker->arena};
    wtfcb_status status = wtfcb_cache_record_get(worker->recall->cache, key, take_copy, &c);
    if (status == WTFCB_ENOMEM) return status;
    bool good =
        status == WTFCB_OK && wtfcb_scanner_dir_read(c.payload, c.length, worker->recall->languages->count, ret_view);
    return good ? WTFCB_OK : WTFCB_ENOTFOUND;
}

static void read_record(listing *l)
{
    l->found = wtfcb_scanner_recall_read(l->worker, &l->key, &l->view) == WTFCB_OK;
    for (uint32_t i = 0; i < l->view.head.grammars; i++) {
        const wtfcb_scanner_dir_grammar *grammar = &l->view.grammars[i];
        uint64_t digest = wtfcb_scanner_recall_grammar(l->recall, (uint16_t)grammar->language);
        l->stale_grammars = l->stale_grammars || digest != grammar->digest;
    }
}

/* Whether the grammar that a file's facts came from is the one there is now. */
static bool grammar_is_current(const listing *l, uint16_t language)
{
    for (uint32_t i = 0; i < l->view.head.grammars; i++)
        if (l->view.grammars[i].language == language)
            return l->view.grammars[i].digest == wtfcb_scanner_recall_grammar(l->recall, language);
    return true;
}

/* What attributes say of a file is not in its signature. */
static bool same_attributes(const wtfcb_scanner_dir_file *file, const wtfcb_scanner_recognition *known)
{
    if (file->said != known->said || file->set != known->set) return false;
    bool named = known->language_by == WTFCB_BY_ATTRIBUTE;
    if (named != (file->language_by == WTFCB_BY_ATTRIBUTE)) return false;
    return !named || file->language == known->language || file->flags & WTFCB_FILE_BINARY;
}

static bool is_unchanged(const listing *l, const wtfcb_scanner_entry *entry, const wtfcb_scanner_dir_file *file,
                         const wtfcb_base_file_signature *signature)
{
    return wtfcb_scanner_dir_signed(file, signature) && signature->device == l->view.head.device &&
           wtfcb_cache_signature_settled(signature, l->view.head.recorded_ns) && same_attributes(file, &entry->known) &&
           (!l->stale_grammars || grammar_is_current(l, file->language)) && !l->recall->always_verify;
}

static bool is_file(const wtfcb_scanner_entry *entry)
{
    return entry->type == WTFCB_BASE_FILE_REGULAR && entry->status == WTFCB_OK;
}

/* A directory that is entered: its name is remembered. */
static bool is_directory(const wtfcb_scanner_entry *entry)
{
    return entry->type == WTFCB_BASE_FILE_DIRECTORY && entry->status == WTFCB_OK;
}

/* As the walk orders entries: a directory has a slash behind its name. */
static int compare(const listing *l, const wtfcb_scanner_entry *entry, const wtfcb_scanner_dir_file *file)
{
    const char *a = entry->path + entry->name, *b = l->view.names + file->name;
    size_t a_length = entry->path_length - entry->name, b_length = file->name_length;
    size_t common = a_length < b_length ? a_length : b_length;
    int order = memcmp(a, b, common);
    if (order != 0) return order;
    unsigned char a_next = (unsigned char)a[common], b_next = (unsigned char)b[common];
    if (a_next == '\0' && is_directory(entry)) a_next = '/';
    if (b_next == '\0' && file->flags & WTFCB_FILE_DIRECTORY) b_next = '/';
    return a_next - b_next;
}

/* Hold the sorted entries against the sorted record: `remembered` and `known_before` of each entry. */
static void match(listing *l, wtfcb_scanner_entry *entries, size_t count, const wtfcb_base_file_signature *signatures)
{
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        wtfcb_scanner_entry *entry = &entries[i];
        if (!is_file(entry) && !is_directory(entry)) continue;
        int order = 1;
        const wtfcb_scanner_dir_file *file = NULL;
        while (at < l->view.head.files && order > 0) {
            file = &l->view.files[at];
            order = compare(l, entry, file);
            if (order >= 0) at++;
        }
        bool known = order == 0 && is_directory(entry) == ((file->flags & WTFCB_FILE_DIRECTORY) != 0);
        entry->known_before = known;
        if (is_directory(entry)) {
            l->directories++;
            l->known_directories += known;
        } else if (known && is_unchanged(l, entry, file, &signatures[entry->signature])) {
            entry->remembered = file;
            l->unchanged++;
        } else {
            l->pending++;
        }
    }
}

static void count_parts(listing *l, const wtfcb_scanner_dir_file *file)
{
    for (uint32_t i = 0; i < file->parts; i++) {
        const wtfcb_scanner_dir_part *part = &l->view.parts[file->first_part + i];
        wtfcb_scanner_codebase_count_part(l->worker->tally, part->language, part->code, part->comments, part->blanks,
                                          part->docs);
    }
}

/*
 * No rows are needed: add up the files that are as they were and take them out of the entries. One that failed or hit a limit stays, since
 * its row may be kept or reported; only its parts, which such a row does not have, are added. Returns how many are left, or -1.
 */
static int64_t tally(listing *l, wtfcb_scanner_entry *entries, size_t count)
{
    wtfcb_scanner_recall_worker *worker = l->worker;
    if (!worker->tally && wtfcb_scanner_codebase_new(&l->recall->scanner->allocator, l->recall->languages, "",
                                                     WTFCB_KEEP_TOTALS, &worker->tally) != WTFCB_OK)
        return -1;
    size_t left = 0;
    for (size_t i = 0; i < count; i++) {
        const wtfcb_scanner_dir_file *file = entries[i].remembered;
        bool dropped = file && file->flags & WTFCB_SCANNER_ROW_DROPPED;
        if (file && !dropped) count_parts(l, file);
        if (!file || file->status != WTFCB_OK || file->limits) {
            entries[left++] = entries[i];
            continue;
        }
        worker->tallied++;
        if (dropped) continue;
        wtfcb_scanner_row row = {0};
        wtfcb_scanner_dir_to_row(file, &row);
        wtfcb_scanner_codebase_count(worker->tally, &row);
    }
    return (int64_t)left;
}

static void sign(struct wtfcb_scanner_slot *slot, const wtfcb_base_file_signature *signature)
{
    slot->file.size = signature->size;
    slot->file.mtime_ns = signature->mtime_ns;
    slot->file.ctime_ns = signature->ctime_ns;
    slot->file.inode = signature->device == slot->draft->device ? signature->inode : 0;
}

/* Whether the record names something that has changed or gone, or lacks a directory. */
static bool is_outdated(const listing *l)
{
    return l->unchanged + l->known_directories < l->view.head.files || l->known_directories < l->directories;
}

/* Begin the next record: files that are as they were are in it already, the others have a slot. */
static bool begin_draft(listing *l, wtfcb_scanner_entry *entries, size_t count,
                        const wtfcb_base_file_signature *signatures)
{
    uint32_t slots = l->pending + l->unchanged + l->directories;
    wtfcb_scanner_draft *draft =
        wtfcb_base_arena_alloc(&l->worker->arena, sizeof *draft + slots * sizeof draft->slots[0]);
    if (!draft) return false;
    *draft =
        (wtfcb_scanner_draft){.key = l->key, .recorded_ns = l->recall->began_ns, .device = l->device, .count = slots};
    atomic_init(&draft->pending, l->pending);
    atomic_init(&draft->news, !l->found || is_outdated(l));
    uint32_t at = 0;
    for (size_t i = 0; i < count; i++) {
        wtfcb_scanner_entry *entry = &entries[i];
        if (!is_file(entry) && !is_directory(entry)) continue;
        struct wtfcb_scanner_slot *slot = &draft->slots[at++];
        *slot = (struct wtfcb_scanner_slot){
            .draft = draft, .name = entry->path + entry->name, .known = entry->known_before};
        if (is_directory(entry)) {
            slot->file.flags = WTFCB_FILE_DIRECTORY;
            slot->file.language = WTFCB_LANG_NONE;
            slot->file.lasting = 1;
        } else if (entry->remembered) {
            slot->file = *entry->remembered;
            slot->file.lasting = 1;
            slot->parts = l->view.parts + slot->file.first_part;
        } else {
            sign(slot, &signatures[entry->signature]);
            entry->slot = slot;
        }
    }
    if (l->pending == 0) wtfcb_scanner_draft_write(l->worker, draft);
    return true;
}

/* The device of the directory's files, if what it says of them can be believed. Something may be mounted below the root. */
static bool find_device(listing *l, const wtfcb_scanner_dir *dir, const wtfcb_scanner_entry *entries, size_t count,
                        const wtfcb_base_file_signature *signatures)
{
    l->device = l->root->device;
    for (size_t i = 0; i < count; i++) {
        if (!is_file(&entries[i])) continue;
        l->device = signatures[entries[i].signature].device;
        break;
    }
    return l->device == l->root->device ? l->root->local : wtfcb_cache_is_local(dir->fd);
}

/*
 * The key of the directory's absolute path. Rows also carry flags that the directories of their own paths give, from the root on; the same
 * directory below another root may have others. False when memory has run out.
 */
static bool make_key(listing *l, const wtfcb_scanner_dir *dir, const char *below, size_t length)
{
    wtfcb_base_buffer *path = &l->worker->buffer;
    wtfcb_base_buffer_reset(path);
    wtfcb_base_buffer_append(path, l->root->path, l->root->length);
    if (length > 0 && l->root->length > 1) wtfcb_base_buffer_append_byte(path, '/');
    wtfcb_base_buffer_append(path, below, length);
    if (path->failed) return false;
    uint32_t hints = wtfcb_lang_hints_directory(dir->path, dir->path_length);
    l->key = wtfcb_scanner_directory_key(l->recall->selection, path->data, path->length, hints);
    return true;
}

int64_t wtfcb_scanner_recall_listed(void *user, uint32_t worker, const wtfcb_scanner_dir *dir, const char *below,
                                    size_t below_length, wtfcb_scanner_entry *entries, size_t count,
                                    const wtfcb_base_file_signature *signatures)
{
    wtfcb_scanner_recall *recall = user;
    listing l = {.recall = recall, .worker = &recall->workers[worker], .root = &recall->roots[dir->root]};
    if (!l.root->path || !find_device(&l, dir, entries, count, signatures)) return (int64_t)count;
    if (!make_key(&l, dir, below, below_length)) return -1;
    read_record(&l);
    match(&l, entries, count, signatures);
    l.worker->unchanged += l.unchanged;
    bool news = l.pending > 0 || !l.found || is_outdated(&l);
    if (news && !begin_draft(&l, entries, count, signatures)) return -1;
    return !recall->rows && l.unchanged > 0 ? tally(&l, entries, count) : (int64_t)count;
}
