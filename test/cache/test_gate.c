/*
 * Processes that come, go and are killed: what the next one is told about the store, and that locks are waited for no longer than said.
 *
 * Other users of the store are children that do what they are told, a letter at a time. They assert nothing themselves: Check's own pipe
 * would be left half written by those that are killed.
 */
#include "cache/gate.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../test.h"
#include "base/clock.h"
#include "base/file.h"

enum { WAIT = 5000, MOST_PEERS = 8 };

static char *top;
static wtfcb_cache_place place;
static wtfcb_cache_gate gate;
static int syncs; /* of the store's directory when the mark was gone from it */
static int sync_error;

/* Stands in front of libc's: the promise is about what is on the disk. */
int fsync(int fd)
{
    static int (*real)(int);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "fsync");
    struct stat st;
    if (fstat(fd, &st) == 0 && st.st_ino == place.inode && faccessat(fd, "clean", F_OK, 0) != 0) syncs++;
    if (sync_error == 0) return real(fd);
    errno = sync_error;
    return -1;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* Other processes */

typedef struct peer {
    pid_t pid;
    int to;
    int from;
} peer;

static peer peers[MOST_PEERS];
static unsigned peer_count;

static char write_data(wtfcb_cache_gate *g)
{
    if (wtfcb_cache_gate_lock(g, WTFCB_CACHE_GATE_WRITING, WAIT) != WTFCB_OK) return 'x';
    int fd = openat(g->store, "data.mdb", O_WRONLY | O_CREAT | O_APPEND, 0600);
    bool done = write(fd, "data", 4) == 4;
    (void)close(fd);
    wtfcb_cache_gate_unlock(g, WTFCB_CACHE_GATE_WRITING);
    return done ? '.' : 'x';
}

static char enter(wtfcb_cache_gate *g)
{
    enum wtfcb_cache_gate_state state;
    if (wtfcb_cache_gate_lock(g, WTFCB_CACHE_GATE_OPENING, WAIT) != WTFCB_OK) return 'x';
    wtfcb_status status = wtfcb_cache_gate_enter(g, &state);
    wtfcb_cache_gate_unlock(g, WTFCB_CACHE_GATE_OPENING);
    return status == WTFCB_OK ? "CSL"[state] : 'x';
}

/* Go in peace, as a store does: flushed (which is nothing here) and marked by the last one. */
static char leave(wtfcb_cache_gate *g)
{
    bool last;
    if (wtfcb_cache_gate_lock(g, WTFCB_CACHE_GATE_OPENING, WAIT) != WTFCB_OK) return 'x';
    wtfcb_status status = wtfcb_cache_gate_leave(g, &last);
    if (status == WTFCB_OK && last) status = wtfcb_cache_gate_mark_clean(g);
    wtfcb_cache_gate_unlock(g, WTFCB_CACHE_GATE_OPENING);
    return status != WTFCB_OK ? 'x' : last ? 'l' : '.';
}

/* A child of the peer's closes all that it inherited. */
static char close_in_child(void)
{
    pid_t child = fork();
    if (child == 0) {
        for (int fd = 3; fd < 100; fd++)
            (void)close(fd);
        _exit(0);
    }
    return waitpid(child, NULL, 0) == child ? '.' : 'x';
}

static char obey(wtfcb_cache_gate *g, char command)
{
    switch (command) {
    case 'e': return enter(g);
    case 'w': return write_data(g);
    case 'l': return leave(g);
    case 'O': return wtfcb_cache_gate_lock(g, WTFCB_CACHE_GATE_OPENING, WAIT) == WTFCB_OK ? '.' : 'x';
    case 'o': wtfcb_cache_gate_unlock(g, WTFCB_CACHE_GATE_OPENING); return '.';
    case 'W': return wtfcb_cache_gate_lock(g, WTFCB_CACHE_GATE_WRITING, WAIT) == WTFCB_OK ? '.' : 'x';
    case 'd': wtfcb_cache_gate_mark_damaged(g); return '.';
    case 'f': return close_in_child();
    default: return '?';
    }
}

static void live(bool read_only, int from, int to)
{
    wtfcb_cache_place own;
    wtfcb_cache_gate g;
    bool open = wtfcb_cache_place_open(NULL, top, read_only, &own, NULL) == WTFCB_OK &&
                wtfcb_cache_gate_open(&own, &g, NULL) == WTFCB_OK;
    char command;
    while (read(from, &command, 1) == 1 && command != 'q') {
        char answer = open ? obey(&g, command) : '!';
        if (write(to, &answer, 1) != 1) break;
    }
    _exit(0);
}

static peer *start(bool read_only)
{
    ck_assert_uint_lt(peer_count, MOST_PEERS);
    peer *p = &peers[peer_count++];
    int to[2];
    int from[2];
    ck_assert_int_eq(pipe2(to, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(from, O_CLOEXEC), 0);
    p->pid = fork();
    ck_assert_int_ge(p->pid, 0);
    if (p->pid == 0) {
        (void)close(to[1]);
        (void)close(from[0]);
        live(read_only, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    p->to = to[1];
    p->from = from[0];
    return p;
}

static void say(const peer *p, char command)
{
    ck_assert_int_eq(write(p->to, &command, 1), 1);
}

static char hear(const peer *p)
{
    char answer = 0;
    ck_assert_int_eq(read(p->from, &answer, 1), 1);
    return answer;
}

static char tell(const peer *p, char command)
{
    say(p, command);
    return hear(p);
}

/* Commands and answers, pair by pair. */
static void assert_tell(const peer *p, const char *pairs)
{
    for (; *pairs; pairs += 2) {
        char answer = tell(p, pairs[0]);
        ck_assert_msg(answer == pairs[1], "%c: %c and not %c", pairs[0], answer, pairs[1]);
    }
}

static void end(peer *p, int how)
{
    if (p->pid <= 0) return;
    if (how)
        ck_assert_int_eq(kill(p->pid, how), 0);
    else
        say(p, 'q'); /* later peers hold its pipe open too */
    close(p->to);
    close(p->from);
    ck_assert_int_eq(waitpid(p->pid, NULL, 0), p->pid);
    p->pid = 0;
}

/* ------------------------------------------------------------------------------------------------------------------ */

static void set_up(void)
{
    top = wtfcb_test_directory();
    ck_assert_int_eq(wtfcb_cache_place_open(NULL, top, false, &place, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_gate_open(&place, &gate, NULL), WTFCB_OK);
    peer_count = 0;
    syncs = sync_error = 0;
}

static void tear_down(void)
{
    for (unsigned i = 0; i < peer_count; i++)
        end(&peers[i], SIGKILL);
    wtfcb_cache_gate_close(&gate);
    wtfcb_cache_gate_close(&gate);
    wtfcb_cache_place_close(&place);
    free(top);
}

static bool is_there(const char *name)
{
    return faccessat(place.store, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Rewrite or remove the files of all users, as a boot would have it. */
static int change_user(void *user, const wtfcb_base_dirent *entry)
{
    const char *boot = user;
    int users = openat(place.store, "users", O_RDONLY | O_DIRECTORY);
    if (!boot) {
        (void)unlinkat(users, entry->name, 0);
    } else {
        int fd = openat(users, entry->name, O_WRONLY);
        ck_assert_int_eq(pwrite(fd, boot, 36, 0), 36);
        close(fd);
    }
    close(users);
    return 0;
}

static int count_user(void *user, const wtfcb_base_dirent *entry)
{
    (void)entry;
    ++*(int *)user;
    return 0;
}

static void list_users(wtfcb_base_dirent_fn fn, void *user)
{
    char listing[4096];
    int users = openat(place.store, "users", O_RDONLY | O_DIRECTORY);
    ck_assert_int_eq(wtfcb_base_dir_list(users, listing, sizeof listing, fn, user), 0);
    close(users);
}

static int users(void)
{
    int count = 0;
    list_users(count_user, &count);
    return count;
}

static void boot(void)
{
    char other[] = "00000000-1111-2222-3333-444444444444";
    list_users(change_user, other);
}

/* One user that has written, and died of `signal`, or left in peace with 0. */
static void use(int signal)
{
    peer *p = start(false);
    ck_assert_int_ne(tell(p, 'e'), 'x');
    ck_assert_int_eq(tell(p, 'w'), '.');
    if (signal == 0) ck_assert_int_eq(tell(p, 'l'), 'l');
    end(p, signal);
}

/* What somebody is told who opens the store now, and leaves it. */
static char look(void)
{
    peer *p = start(false);
    char state = tell(p, 'e');
    if (state != 'L') ck_assert_int_ne(tell(p, 'l'), 'x');
    end(p, 0);
    return state;
}

/* ------------------------------------------------------------------------------------------------------------------ */
/* States */

START_TEST(new_store_is_clean)
{
    ck_assert_int_eq(look(), 'C');
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(store_that_was_left_in_peace_is_clean)
{
    for (int i = 0; i < 3; i++) {
        use(0);
        ck_assert(is_there("clean"));
        ck_assert_int_eq(users(), 0);
        ck_assert_int_eq(look(), 'C');
    }
}
END_TEST

START_TEST(mark_goes_with_the_first_write_and_not_before)
{
    use(0);
    peer *p = start(false);
    assert_tell(p, "eC");
    ck_assert(is_there("clean"));
    assert_tell(p, "w.");
    ck_assert(!is_there("clean"));
    assert_tell(p, "w.ll");
    ck_assert(is_there("clean"));
}
END_TEST

START_TEST(removal_of_the_mark_is_on_the_disk_before_the_first_write)
{
    use(0);
    ck_assert_int_eq(enter(&gate), 'C');
    ck_assert_int_eq(syncs, 0);
    ck_assert_int_eq(wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_WRITING, WAIT), WTFCB_OK);
    ck_assert_int_eq(syncs, 1);
    wtfcb_cache_gate_unlock(&gate, WTFCB_CACHE_GATE_WRITING);
    ck_assert_int_eq(write_data(&gate), '.');
    ck_assert_int_eq(syncs, 1); /* once */
    ck_assert_int_eq(leave(&gate), 'l');
    ck_assert_int_eq(enter(&gate), 'C');
    sync_error = EIO;
    ck_assert_int_eq(wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_WRITING, WAIT), WTFCB_EIO);
    sync_error = 0;
    peer *p = start(false);
    assert_tell(p, "W."); /* the lock was let go */
    end(p, SIGKILL);
    ck_assert_int_eq(syncs, 2);
    ck_assert_int_eq(write_data(&gate), '.');
    ck_assert_int_eq(syncs, 3);
}
END_TEST

START_TEST(who_wrote_nothing_has_nothing_to_flush)
{
    use(0);
    peer *p = start(false);
    assert_tell(p, "eCl.");
    ck_assert(is_there("clean"));
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(same_gate_may_come_in_again)
{
    peer *p = start(false);
    assert_tell(p, "eCw.lleCw.");
    ck_assert(!is_there("clean"));
    assert_tell(p, "ll");
    ck_assert_int_eq(look(), 'C');
}
END_TEST

START_TEST(last_user_killed_makes_the_store_suspect)
{
    use(SIGKILL);
    ck_assert_int_eq(users(), 1);
    ck_assert_int_eq(look(), 'S');
    ck_assert_int_eq(users(), 0);
    ck_assert_int_eq(look(), 'C'); /* the one before looked at it and left in peace */
}
END_TEST

START_TEST(one_of_two_killed_makes_the_store_suspect_once)
{
    peer *a = start(false);
    peer *b = start(false);
    assert_tell(a, "eCw.");
    assert_tell(b, "eCw.");
    end(a, SIGKILL);
    peer *c = start(false);
    assert_tell(c, "eS");
    peer *d = start(false);
    assert_tell(d, "eCl.");
    assert_tell(b, "l.");
    assert_tell(c, "ll");
    ck_assert_int_eq(look(), 'C');
}
END_TEST

START_TEST(death_that_nobody_saw_yet_is_not_covered_by_who_leaves_after_it)
{
    peer *a = start(false);
    peer *b = start(false);
    assert_tell(a, "eCw.");
    assert_tell(b, "eC");
    end(a, SIGABRT);
    assert_tell(b, "l.");
    ck_assert(!is_there("clean"));
    ck_assert_int_eq(look(), 'S');
}
END_TEST

START_TEST(who_is_killed_while_looking_at_a_suspect_store_leaves_it_suspect)
{
    use(SIGKILL);
    for (int i = 0; i < 3; i++) {
        peer *p = start(false);
        assert_tell(p, "eS");
        end(p, SIGKILL);
        ck_assert_int_eq(users(), 1);
    }
    ck_assert_int_eq(look(), 'S');
}
END_TEST

START_TEST(who_is_killed_before_writing_leaves_it_clean)
{
    use(0);
    peer *p = start(false);
    assert_tell(p, "eC");
    end(p, SIGKILL);
    ck_assert_int_eq(look(), 'C');
    p = start(false);
    assert_tell(p, "eC");
    end(p, SIGKILL);
    boot();
    ck_assert_int_eq(look(), 'C');
    ck_assert_int_eq(users(), 0);
}
END_TEST

START_TEST(store_in_use_during_a_crash_of_the_machine_is_lost_until_it_is_set_aside)
{
    use(SIGKILL);
    boot();
    for (int i = 0; i < 3; i++) { /* whoever is told so may die before anything is done about it */
        peer *p = start(false);
        assert_tell(p, "eL");
        end(p, SIGKILL);
    }
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    ck_assert_int_eq(look(), 'C');
}
END_TEST

START_TEST(users_file_that_the_crash_took_along_makes_the_store_lost)
{
    use(SIGKILL);
    list_users(change_user, NULL);
    ck_assert_int_eq(look(), 'L');
}
END_TEST

/* Between signing out and the mark, both in one step for others, the store is flushed. */
START_TEST(last_user_who_is_killed_while_flushing_leaves_a_trace)
{
    use(0);
    ck_assert_int_eq(enter(&gate), 'C');
    ck_assert_int_eq(write_data(&gate), '.');
    bool last = false;
    ck_assert_int_eq(wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_OPENING, WAIT), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_gate_leave(&gate, &last), WTFCB_OK);
    ck_assert(last);
    wtfcb_cache_gate_close(&gate); /* and no mark */
    ck_assert_int_eq(look(), 'S');
}
END_TEST

START_TEST(copy_that_was_broken_off_is_suspect)
{
    use(0);
    int fd = openat(place.store, "data.mdb", O_WRONLY);
    ck_assert_int_eq(ftruncate(fd, 3), 0);
    close(fd);
    peer *p = start(false);
    assert_tell(p, "eS");
    end(p, SIGKILL);
    ck_assert_int_eq(look(), 'S');
    ck_assert_int_eq(look(), 'C');
}
END_TEST

START_TEST(damage_that_was_reported_is_told_to_everybody_until_the_store_is_set_aside)
{
    peer *a = start(false);
    assert_tell(a, "eCw.d.");
    peer *b = start(false);
    assert_tell(b, "eL");
    assert_tell(a, "l.");
    ck_assert(!is_there("clean"));
    ck_assert_int_eq(look(), 'L');
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    ck_assert_int_eq(look(), 'C');
}
END_TEST

START_TEST(who_waited_at_the_lock_of_a_store_that_was_set_aside_is_told_so)
{
    peer *waiting = start(false);
    assert_tell(waiting, "O.o."); /* has the old directory open */
    ck_assert_int_eq(wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_OPENING, WAIT), WTFCB_OK);
    say(waiting, 'e');
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    wtfcb_cache_gate_close(&gate);
    ck_assert_int_eq(hear(waiting), 'L');
    /* and when it has been removed meanwhile */
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    assert_tell(waiting, "eLl.");
}
END_TEST

START_TEST(user_of_a_store_that_was_removed_leaves_without_a_word)
{
    peer *p = start(false);
    assert_tell(p, "eCw.");
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    ck_assert_int_eq(wtfcb_cache_place_set_aside(&place, NULL), WTFCB_OK);
    assert_tell(p, "l.");
}
END_TEST

START_TEST(two_gates_of_one_process_do_not_take_each_other_for_dead)
{
    ck_assert_int_eq(enter(&gate), 'C');
    ck_assert_int_eq(write_data(&gate), '.');
    wtfcb_cache_gate other;
    ck_assert_int_eq(wtfcb_cache_gate_open(&place, &other, NULL), WTFCB_OK);
    ck_assert_int_eq(enter(&other), 'C');
    ck_assert_int_eq(users(), 2);
    ck_assert_int_eq(look(), 'C'); /* to others both are alive */
    ck_assert_int_eq(users(), 2);
    ck_assert_int_eq(leave(&other), '.');
    ck_assert_int_eq(leave(&gate), 'l');
    wtfcb_cache_gate_close(&other);
}
END_TEST

START_TEST(child_that_closes_what_it_inherited_drops_no_lock)
{
    peer *p = start(false);
    assert_tell(p, "eCw.W.f.");
    ck_assert_int_eq(wtfcb_cache_gate_lock(&gate, WTFCB_CACHE_GATE_WRITING, 20), WTFCB_EBUSY);
    ck_assert_int_eq(look(), 'C');
    ck_assert_int_eq(users(), 1);
}
END_TEST

/* Anybody may be killed at any moment, or go in peace: no state but these three comes out, and never a clean one after a death with writes. */
START_TEST(any_order_of_coming_writing_going_and_dying_is_told_right)
{
    unsigned seed = 12345;
    unsigned rounds = wtfcb_test_long() ? 400 : 25;
    for (unsigned round = 0; round < rounds; round++) {
        peer_count = 0;
        peer *p[3];
        bool wrote = false;
        bool unseen = false; /* a death while the mark was away */
        for (int i = 0; i < 3; i++) {
            p[i] = start(false);
            char wanted = unseen ? 'S' : 'C';
            ck_assert_int_eq(tell(p[i], 'e'), wanted);
            unseen = false;
            seed = seed * 1103515245 + 12345;
            if (seed >> 16 & 1) {
                ck_assert_int_eq(tell(p[i], 'w'), '.');
                wrote = true;
            }
            if (i == 1 && (seed >> 17 & 1)) {
                end(p[0], SIGKILL);
                unseen = wrote;
            }
        }
        for (int i = 0; i < 3; i++) {
            if (p[i]->pid == 0) continue;
            seed = seed * 1103515245 + 12345;
            if (seed >> 16 & 1) {
                ck_assert_int_ne(tell(p[i], 'l'), 'x');
                end(p[i], 0);
            } else {
                end(p[i], SIGKILL);
                unseen = unseen || wrote;
            }
        }
        ck_assert_int_eq(look(), unseen ? 'S' : 'C');
    }
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Locks */

static wtfcb_status lock(enum wtfcb_cache_gate_lock which, uint64_t timeout_ms, double *ret_ms)
{
    uint64_t begin = wtfcb_base_now();
    wtfcb_status status = wtfcb_cache_gate_lock(&gate, which, timeout_ms);
    *ret_ms = (double)(wtfcb_base_now() - begin) / 1e6;
    return status;
}

START_TEST(lock_is_waited_for_until_the_deadline_and_not_longer)
{
    peer *p = start(false);
    assert_tell(p, "W.");
    double took;
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_WRITING, 0, &took), WTFCB_EBUSY);
    ck_assert_double_lt(took, 100);
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_WRITING, 60, &took), WTFCB_EBUSY);
    ck_assert_double_ge(took, 60);
    ck_assert_double_lt(took, 1000);
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, 0, &took), WTFCB_OK); /* the other one is free */
}
END_TEST

START_TEST(stopped_holder_stops_nobody_and_a_killed_one_lets_go)
{
    peer *p = start(false);
    assert_tell(p, "O.");
    ck_assert_int_eq(kill(p->pid, SIGSTOP), 0);
    double took;
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, 30, &took), WTFCB_EBUSY);
    end(p, SIGKILL);
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, WAIT, &took), WTFCB_OK);
}
END_TEST

START_TEST(lock_that_is_let_go_is_had_soon)
{
    peer *p = start(false);
    assert_tell(p, "O.");
    pid_t child = fork(); /* lets the peer go on after a while */
    if (child == 0) {
        (void)usleep(20000);
        char command = 'o';
        _exit(write(p->to, &command, 1) == 1 ? 0 : 1);
    }
    double took;
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, WAIT, &took), WTFCB_OK);
    ck_assert_double_ge(took, 10);
    ck_assert_double_lt(took, 1000);
    ck_assert_int_eq(hear(p), '.');
    ck_assert_int_eq(waitpid(child, NULL, 0), child);
}
END_TEST

static void ignore_signal(int number)
{
    (void)number;
}

START_TEST(signals_neither_end_nor_lengthen_the_wait)
{
    peer *p = start(false);
    assert_tell(p, "W.");
    struct sigaction action = {.sa_handler = ignore_signal}; /* without SA_RESTART */
    struct sigaction before;
    ck_assert_int_eq(sigaction(SIGALRM, &action, &before), 0);
    struct itimerval often = {{0, 1000}, {0, 1000}};
    struct itimerval never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
    double took;
    wtfcb_status status = lock(WTFCB_CACHE_GATE_WRITING, 100, &took);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    ck_assert_int_eq(sigaction(SIGALRM, &before, NULL), 0);
    ck_assert_int_eq(status, WTFCB_EBUSY);
    ck_assert_double_ge(took, 100);
    ck_assert_double_lt(took, 1000);
}
END_TEST

START_TEST(lock_file_that_others_could_have_put_there_is_unsafe)
{
    wtfcb_cache_gate other = {.lock = -7};
    wtfcb_error error = WTFCB_ERROR_INIT;
    ck_assert_int_eq(fchmodat(place.store, "lock", 0666, 0), 0);
    ck_assert_int_eq(wtfcb_cache_gate_open(&place, &other, &error), WTFCB_EUNSAFE);
    ck_assert_ptr_nonnull(strstr(error.message, place.store_path));
    ck_assert_int_eq(unlinkat(place.store, "lock", 0), 0);
    ck_assert_int_eq(symlinkat("elsewhere", place.store, "lock"), 0);
    ck_assert_int_eq(wtfcb_cache_gate_open(&place, &other, &error), WTFCB_EUNSAFE);
    ck_assert(!is_there("elsewhere"));
    ck_assert_int_eq(unlinkat(place.store, "lock", 0), 0);
    ck_assert_int_eq(mkfifoat(place.store, "lock", 0600), 0);
    ck_assert_int_eq(wtfcb_cache_gate_open(&place, &other, &error), WTFCB_EUNSAFE);
    ck_assert_int_eq(other.lock, -7);
}
END_TEST

START_TEST(link_in_the_place_of_the_users_is_unsafe)
{
    ck_assert_int_eq(symlinkat("/tmp", place.store, "users"), 0);
    enum wtfcb_cache_gate_state state;
    ck_assert_int_eq(wtfcb_cache_gate_enter(&gate, &state), WTFCB_EUNSAFE);
    ck_assert_int_eq(gate.user, -1);
}
END_TEST

/* ------------------------------------------------------------------------------------------------------------------ */
/* Reading alone */

START_TEST(read_only_user_looks_and_leaves_no_trace)
{
    use(SIGKILL);
    for (int i = 0; i < 2; i++) {
        peer *p = start(true);
        assert_tell(p, "eSl.d.");
        end(p, 0);
        ck_assert_int_eq(users(), 1); /* that of the dead */
        ck_assert(!is_there("damaged"));
    }
    ck_assert_int_eq(look(), 'S');
    use(0);
    peer *p = start(true);
    assert_tell(p, "eC");
    peer *writer = start(false);
    assert_tell(writer, "eCw.ll"); /* a reader keeps nobody from being the last */
}
END_TEST

START_TEST(read_only_users_share_a_lock_that_keeps_writers_out)
{
    peer *a = start(true);
    peer *b = start(true);
    assert_tell(a, "O.");
    assert_tell(b, "O.");
    double took;
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, 20, &took), WTFCB_EBUSY);
    assert_tell(a, "o.");
    assert_tell(b, "o.");
    ck_assert_int_eq(lock(WTFCB_CACHE_GATE_OPENING, WAIT, &took), WTFCB_OK);
}
END_TEST

START_TEST(read_only_gate_makes_no_lock_file)
{
    ck_assert_int_eq(unlinkat(place.store, "lock", 0), 0);
    wtfcb_cache_place own;
    ck_assert_int_eq(wtfcb_cache_place_open(NULL, top, true, &own, NULL), WTFCB_OK);
    wtfcb_cache_gate other;
    ck_assert_int_eq(wtfcb_cache_gate_open(&own, &other, NULL), WTFCB_ENOTFOUND);
    ck_assert(!is_there("lock"));
    wtfcb_cache_place_close(&own);
}
END_TEST

static Suite *suite(void)
{
    Suite *s = suite_create("gate");
    TCase *states = tcase_create("states");
    tcase_add_checked_fixture(states, set_up, tear_down);
    tcase_add_test(states, new_store_is_clean);
    tcase_add_test(states, store_that_was_left_in_peace_is_clean);
    tcase_add_test(states, mark_goes_with_the_first_write_and_not_before);
    tcase_add_test(states, removal_of_the_mark_is_on_the_disk_before_the_first_write);
    tcase_add_test(states, who_wrote_nothing_has_nothing_to_flush);
    tcase_add_test(states, same_gate_may_come_in_again);
    tcase_add_test(states, last_user_killed_makes_the_store_suspect);
    tcase_add_test(states, one_of_two_killed_makes_the_store_suspect_once);
    tcase_add_test(states, death_that_nobody_saw_yet_is_not_covered_by_who_leaves_after_it);
    tcase_add_test(states, who_is_killed_while_looking_at_a_suspect_store_leaves_it_suspect);
    tcase_add_test(states, who_is_killed_before_writing_leaves_it_clean);
    tcase_add_test(states, store_in_use_during_a_crash_of_the_machine_is_lost_until_it_is_set_aside);
    tcase_add_test(states, users_file_that_the_crash_took_along_makes_the_store_lost);
    tcase_add_test(states, last_user_who_is_killed_while_flushing_leaves_a_trace);
    tcase_add_test(states, copy_that_was_broken_off_is_suspect);
    tcase_add_test(states, damage_that_was_reported_is_told_to_everybody_until_the_store_is_set_aside);
    tcase_add_test(states, who_waited_at_the_lock_of_a_store_that_was_set_aside_is_told_so);
    tcase_add_test(states, user_of_a_store_that_was_removed_leaves_without_a_word);
    tcase_add_test(states, two_gates_of_one_process_do_not_take_each_other_for_dead);
    tcase_add_test(states, child_that_closes_what_it_inherited_drops_no_lock);
    tcase_add_test(states, any_order_of_coming_writing_going_and_dying_is_told_right);
    suite_add_tcase(s, states);
    TCase *locks = tcase_create("locks");
    tcase_add_checked_fixture(locks, set_up, tear_down);
    tcase_add_test(locks, lock_is_waited_for_until_the_deadline_and_not_longer);
    tcase_add_test(locks, stopped_holder_stops_nobody_and_a_killed_one_lets_go);
    tcase_add_test(locks, lock_that_is_let_go_is_had_soon);
    tcase_add_test(locks, signals_neither_end_nor_lengthen_the_wait);
    tcase_add_test(locks, lock_file_that_others_could_have_put_there_is_unsafe);
    tcase_add_test(locks, link_in_the_place_of_the_users_is_unsafe);
    suite_add_tcase(s, locks);
    TCase *reading = tcase_create("reading");
    tcase_add_checked_fixture(reading, set_up, tear_down);
    tcase_add_test(reading, read_only_user_looks_and_leaves_no_trace);
    tcase_add_test(reading, read_only_users_share_a_lock_that_keeps_writers_out);
    tcase_add_test(reading, read_only_gate_makes_no_lock_file);
    suite_add_tcase(s, reading);
    return s;
}

WTFCB_TEST_MAIN(suite)
