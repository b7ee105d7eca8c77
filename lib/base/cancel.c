/*
 * A flag and a count of holds. The flag is a lock-free atomic, which is what makes firing legal in a signal handler.
 */
#include "base/cancel.h"

#include <stdatomic.h>

#include "base/memory.h"

#if ATOMIC_INT_LOCK_FREE != 2
#error "firing from a signal handler needs a lock-free atomic int"
#endif

struct wtfcb_cancel {
    atomic_int fired;
    atomic_int holds;
    wtfcb_allocator allocator;
};

wtfcb_status wtfcb_cancel_new(const wtfcb_allocator *allocator, wtfcb_cancel **ret_cancel)
{
    if (!ret_cancel || !wtfcb_base_allocator_valid(allocator)) return WTFCB_EINVAL;
    wtfcb_allocator own = wtfcb_base_allocator(allocator);
    wtfcb_cancel *cancel = wtfcb_base_alloc(&own, sizeof *cancel);
    if (!cancel) return WTFCB_ENOMEM;
    atomic_init(&cancel->fired, 0);
    atomic_init(&cancel->holds, 1);
    cancel->allocator = own;
    *ret_cancel = cancel;
    return WTFCB_OK;
}

wtfcb_cancel *wtfcb_base_cancel_ref(wtfcb_cancel *cancel)
{
    if (cancel) atomic_fetch_add_explicit(&cancel->holds, 1, memory_order_relaxed);
    return cancel;
}

void wtfcb_cancel_free(wtfcb_cancel *cancel)
{
    if (!cancel || atomic_fetch_sub_explicit(&cancel->holds, 1, memory_order_acq_rel) != 1) return;
    wtfcb_allocator allocator = cancel->allocator;
    wtfcb_base_free(&allocator, cancel, sizeof *cancel);
}

void wtfcb_cancel_fire(wtfcb_cancel *cancel)
{
    if (cancel) atomic_store_explicit(&cancel->fired, 1, memory_order_relaxed);
}

int32_t wtfcb_cancel_fired(const wtfcb_cancel *cancel)
{
    return cancel ? atomic_load_explicit(&cancel->fired, memory_order_relaxed) : 0;
}

void wtfcb_cancel_reset(wtfcb_cancel *cancel)
{
    if (cancel) atomic_store_explicit(&cancel->fired, 0, memory_order_relaxed);
}
