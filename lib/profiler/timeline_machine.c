/* Pressure and cgroup; see timeline_machine.h. */
#include "profiler/timeline_machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/host.h"
#include "profiler/proc.h"

#define EVERY_NS UINT64_C(1000000000)
#define TURN_NS (EVERY_NS / WTFCB_PROFILER_MACHINE_FILES)

enum { CPU_PRESSURE, MEMORY_PRESSURE, IO_PRESSURE, CGROUP_MEMORY, CGROUP_THROTTLED };

static uint64_t times_1000(uint64_t number)
{
    return number < UINT64_MAX / 1000 ? number * 1000 : WTFCB_UNKNOWN - 1;
}

/* The file's number, or WTFCB_UNKNOWN with an errno. */
static uint64_t read_number(const wtfcb_profiler_machine_file *file, int *ret_failed)
{
    char text[WTFCB_PROFILER_PROC_TEXT];
    const char *at = text;
    uint64_t number;
    *ret_failed = wtfcb_profiler_proc_read(file->fd, text, sizeof text);
    if (*ret_failed) return WTFCB_UNKNOWN;
    switch (file->metric) {
    case WTFCB_METRIC_CGROUP_MEMORY: return wtfcb_profiler_proc_number(&at, &number) ? number : WTFCB_UNKNOWN;
    case WTFCB_METRIC_CGROUP_THROTTLED:
        if (wtfcb_profiler_proc_field(text, "throttled_usec", &number)) return times_1000(number);
        return wtfcb_profiler_proc_field(text, "throttled_time", &number) ? number : WTFCB_UNKNOWN;
    default: return wtfcb_profiler_proc_pressure(text, &number) ? times_1000(number) : WTFCB_UNKNOWN;
    }
}

/* Take an open file if it has the number; the reason why not is that of the last one tried. */
static bool take(wtfcb_profiler_machine_file *file, int fd, int failed, const char *path)
{
    (void)snprintf(file->path, sizeof file->path, "%.*s", (int)sizeof file->path - 1, path);
    file->failed = failed;
    if (fd < 0) return false;
    file->fd = fd;
    if (read_number(file, &file->failed) != WTFCB_UNKNOWN) return true;
    (void)close(fd);
    file->fd = -1;
    return false;
}

static bool take_group(wtfcb_profiler_machine_file *file, pid_t process, const char *controller, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s", name); /* where there is no such hierarchy the name alone tells */
    int fd = wtfcb_base_host_cgroup_open(process, controller, name, path, sizeof path);
    return take(file, fd, fd < 0 ? errno : 0, path);
}

static void open_pressure(wtfcb_profiler_machine_file *file, pid_t process, const char *resource)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%s.pressure", resource);
    if (take_group(file, process, "", name)) return;
    (void)snprintf(name, sizeof name, "/proc/pressure/%s", resource);
    int fd = open(name, O_RDONLY | O_CLOEXEC);
    (void)take(file, fd, fd < 0 ? errno : 0, name);
}

void wtfcb_profiler_machine_open(wtfcb_profiler_machine *machine, pid_t process)
{
    static const uint32_t metrics[WTFCB_PROFILER_MACHINE_FILES] = {
        [CPU_PRESSURE] = WTFCB_METRIC_CPU_PRESSURE,         [MEMORY_PRESSURE] = WTFCB_METRIC_MEMORY_PRESSURE,
        [IO_PRESSURE] = WTFCB_METRIC_IO_PRESSURE,           [CGROUP_MEMORY] = WTFCB_METRIC_CGROUP_MEMORY,
        [CGROUP_THROTTLED] = WTFCB_METRIC_CGROUP_THROTTLED,
    };
    wtfcb_profiler_machine_file *files = machine->files;
    for (int i = 0; i < WTFCB_PROFILER_MACHINE_FILES; i++)
        files[i] = (wtfcb_profiler_machine_file){.metric = metrics[i], .fd = -1};
    open_pressure(&files[CPU_PRESSURE], process, "cpu");
    open_pressure(&files[MEMORY_PRESSURE], process, "memory");
    open_pressure(&files[IO_PRESSURE], process, "io");
    if (!take_group(&files[CGROUP_MEMORY], process, "memory", "memory.usage_in_bytes"))
        (void)take_group(&files[CGROUP_MEMORY], process, "", "memory.current");
    if (!take_group(&files[CGROUP_THROTTLED], process, "cpu", "cpu.stat"))
        (void)take_group(&files[CGROUP_THROTTLED], process, "", "cpu.stat");
}

void wtfcb_profiler_machine_close(wtfcb_profiler_machine *machine)
{
    for (int i = 0; i < WTFCB_PROFILER_MACHINE_FILES; i++)
        if (machine->files[i].fd >= 0) (void)close(machine->files[i].fd);
}

void wtfcb_profiler_machine_read(wtfcb_profiler_machine *machine, uint64_t time_ns, bool all,
                                 wtfcb_profiler_reading *reading)
{
    for (int i = 0; i < WTFCB_PROFILER_MACHINE_FILES; i++) {
        wtfcb_profiler_machine_file *file = &machine->files[i];
        uint64_t *value = &reading->values[file->metric - 1];
        int failed;
        *value = WTFCB_UNKNOWN;
        if (file->fd < 0 || (!all && time_ns < file->due_ns)) continue;
        *value = read_number(file, &failed);
        if (time_ns >= file->due_ns) file->due_ns = (time_ns / EVERY_NS + 1) * EVERY_NS + (uint64_t)i * TURN_NS;
    }
}
