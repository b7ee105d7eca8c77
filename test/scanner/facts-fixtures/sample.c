#include <stdio.h>
#include "sample.h"
#define LIMIT 10
#define BOTH(a, b, ...) \
    ((a) && (b))

struct point;
struct point {
    int x, *y;
    struct {
        int z;
    } inner;
    int (*call)(int a);
    union {
        long q;
    };
    unsigned bits : 3;
};
typedef struct {
    char *name;
} person, *person_pointer;
typedef int (*callback)(void *user);
enum color { RED, GREEN = 2 };

int prototype(int);
extern int elsewhere;
extern int here = 1;
static int counter = 1, *pointer, array[3];
int (*function_pointer)(void) = 0;

/* 1 + if, else if, case, &&, ?: ; 1 if, 1 goto, 1 else if, 1 else, 1 switch, 1 ?:, 1 && */
int *classify(int a, ...)
{
    if (a) goto out;
    else if (a > 1) a++;
    else a--;
    switch (a) {
    case 1: break;
    default:;
    }
out:
    return a && counter ? pointer : 0;
}

static void loops(void)
{
    int local = 0;
    for (;;) {                      /* 1 */
        while (local) {             /* 2 */
            do local--;             /* 3 */
            while (local > 2);
        }
    }
    if (local && local > 1 && (local < 5 || local > 7) && !(local && 1)) return; /* 1 + 4 */
}

int main(argc, argv)
    int argc;
    char **argv;
{
    struct local_type {
        int member;
    } value;
    return value.member;
}
