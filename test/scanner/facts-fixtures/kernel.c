#include <linux/module.h>

static DEFINE_MUTEX(lock);
DEFINE_PER_CPU(int, per_cpu_count);
LIST_HEAD(all_things);
EXPORT_SYMBOL(exported_thing);

static int __init first(void)
{
	return 1;
}

SYSCALL_DEFINE3(read, unsigned int, fd, char __user *, buf, size_t, count)
{
	if (fd)
		return 0;
	return ksys_read(fd, buf, count);
}

typedef __u16 __bitwise fs16;
static int flag __read_mostly;
extern char __weak __start_BTF[];
struct packed {
	int member;
} __packed;

asmlinkage __visible void __init __no_sanitize_address start_kernel(void)
{
	int local;
}

static inline __must_check int checked(struct a __user *p)
{
	return 0;
}
module_init(first);
