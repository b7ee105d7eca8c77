/*
 * The machine in a row; see wtfcb/system.h. Whatever cannot be read stays unknown.
 */
#include <wtfcb/system.h>

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include <wtfcb/version.h>

#include "base/host.h"
#include "base/row.h"
#include "profiler/proc.h"
#include "profiler/recorder.h"

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

static uint64_t positive(long number)
{
    return number > 0 ? (uint64_t)number : WTFCB_UNKNOWN;
}

/* A text without what stands around it, as far as it fits, cut between characters of UTF-8. */
static void take_text(char *into, size_t size, const char *text, size_t length)
{
    while (length > 0 && (*text == ' ' || *text == '\t')) {
        text++;
        length--;
    }
    while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\n'))
        length--;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(into, text, length);
    into[length] = '\0';
}

static void copy_text(char *into, size_t size, const char *text)
{
    take_text(into, size, text, strlen(text));
}

static void look_at_kernel(wtfcb_system_info *info)
{
    struct utsname name;
    char text[256];
    if (uname(&name) == 0) {
        char kernel[sizeof name.sysname + sizeof name.release];
        (void)snprintf(kernel, sizeof kernel, "%s %s", name.sysname, name.release);
        copy_text(info->kernel, sizeof info->kernel, kernel);
        copy_text(info->architecture, sizeof info->architecture, name.machine);
        copy_text(info->host, sizeof info->host, name.nodename);
    }
    if (wtfcb_profiler_proc_load("/sys/devices/system/clocksource/clocksource0/current_clocksource", text,
                                 sizeof text) == 0)
        copy_text(info->clock_source, sizeof info->clock_source, text);
}

/* The first processor's name: "model name" on x86, others say "Processor", "cpu model", "cpu" or "uarch". */
static void look_at_processor(wtfcb_system_info *info)
{
    static const char *const keys[] = {"model name", "Model Name", "Processor", "cpu model", "cpu", "uarch"};
    char text[WTFCB_PROFILER_PROC_TEXT];
    info->cores_present = positive(sysconf(_SC_NPROCESSORS_ONLN));
    info->cores_usable = wtfcb_base_host_cores();
    info->cpu_limit_milli = wtfcb_base_host_cpu_limit();
    if (wtfcb_profiler_proc_load("/proc/cpuinfo", text, sizeof text) != 0) return;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        for (const char *line = text; line; line = strchr(line, '\n')) {
            if (*line == '\n') line++;
            if (strncmp(line, keys[i], strlen(keys[i])) != 0) continue;
            const char *colon = line + strlen(keys[i]);
            colon += strspn(colon, " \t");
            const char *end = strchr(colon, '\n');
            if (*colon != ':' || !end) continue;
            take_text(info->cpu_model, sizeof info->cpu_model, colon + 1, (size_t)(end - colon - 1));
            return;
        }
    }
}

static void look_at_memory(wtfcb_system_info *info)
{
    char text[WTFCB_PROFILER_PROC_TEXT];
    uint64_t kib;
    info->page_size = positive(sysconf(_SC_PAGESIZE));
    info->memory_limit = wtfcb_base_host_memory_limit();
    if (wtfcb_profiler_proc_load("/proc/meminfo", text, sizeof text) != 0) return;
    if (wtfcb_profiler_proc_field(text, "MemTotal", &kib)) info->memory_total = kib * 1024;
    if (wtfcb_profiler_proc_field(text, "MemAvailable", &kib)) info->memory_available = kib * 1024;
}

/* "0.52 0.58 0.59 ...": the first, which has two decimals. */
static uint64_t load_of(const char *text)
{
    uint64_t whole;
    uint64_t hundredths;
    if (!wtfcb_profiler_proc_number(&text, &whole) || *text != '.') return WTFCB_UNKNOWN;
    const char *decimals = ++text;
    if (!wtfcb_profiler_proc_number(&text, &hundredths) || text - decimals != 2) return WTFCB_UNKNOWN;
    return whole < UINT64_MAX / 1001 ? whole * 1000 + hundredths * 10 : WTFCB_UNKNOWN;
}

/* Of the two clocks, since the line "btime" of /proc/stat stands behind one for each processor. */
static uint64_t boot_time(void)
{
    struct timespec wall;
    struct timespec up;
    if (clock_gettime(CLOCK_REALTIME, &wall) != 0 || clock_gettime(CLOCK_BOOTTIME, &up) != 0) return WTFCB_UNKNOWN;
    return wall.tv_sec > up.tv_sec ? (uint64_t)(wall.tv_sec - up.tv_sec) : WTFCB_UNKNOWN;
}

static void look_at_rest(wtfcb_system_info *info)
{
    char text[256];
    struct statvfs disk;
    if (wtfcb_profiler_proc_load("/proc/loadavg", text, sizeof text) == 0) info->load_milli = load_of(text);
    if (statvfs(".", &disk) == 0 && disk.f_blocks > 0) {
        info->disk_total = (uint64_t)disk.f_blocks * disk.f_frsize;
        info->disk_available = (uint64_t)disk.f_bavail * disk.f_frsize;
    }
    info->boot_time_s = boot_time();
}

wtfcb_status wtfcb_system_get_info(wtfcb_system_info *ret_info, size_t info_size)
{
    if (!ret_info) return WTFCB_EINVAL;
    wtfcb_system_info info = {
        .memory_total = WTFCB_UNKNOWN,
        .memory_available = WTFCB_UNKNOWN,
        .load_milli = WTFCB_UNKNOWN,
        .disk_total = WTFCB_UNKNOWN,
        .disk_available = WTFCB_UNKNOWN,
    };
    look_at_kernel(&info);
    look_at_processor(&info);
    look_at_memory(&info);
    look_at_rest(&info);
    copy_text(info.zone_clock, sizeof info.zone_clock, wtfcb_profiler_recorder_clock());
    copy_text(info.library, sizeof info.library, wtfcb_version_string());
    copy_text(info.compiler, sizeof info.compiler, COMPILER);
    wtfcb_base_row_copy(ret_info, info_size, &info, sizeof info);
    return WTFCB_OK;
}
