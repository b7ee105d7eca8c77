/**
 * @file
 * All of libwtfcb. Each header can also be included alone.
 */
#ifndef WTFCB_H
#define WTFCB_H

#include <wtfcb/allocator.h>
#include <wtfcb/benchmark.h>
#include <wtfcb/cache.h>
#include <wtfcb/cancel.h>
#include <wtfcb/codebase.h>
#include <wtfcb/diff.h>
#include <wtfcb/explain.h>
#include <wtfcb/language.h>
#include <wtfcb/log.h>
#include <wtfcb/memory.h>
#include <wtfcb/option.h>
#include <wtfcb/profile.h>
#include <wtfcb/profile_set.h>
#include <wtfcb/profiler.h>
#include <wtfcb/project.h>
#include <wtfcb/report.h>
#include <wtfcb/scanner.h>
#include <wtfcb/status.h>
#include <wtfcb/system.h>
#include <wtfcb/version.h>
#include <wtfcb/zone.h>

#endif
