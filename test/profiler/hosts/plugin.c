/* A host's shared object with zones of its own, which test_zone_hosts loads, runs and unloads. With WTFCB_NO_ZONES it has none. */
#include <wtfcb/zone.h>

__attribute__((visibility("default"))) int run(int times);

static int half(int number)
{
    WTFCB_ZONE("plugin half");
    return number / 2;
}

int run(int times)
{
    int sum = 0;
    for (int i = 0; i < times; i++) {
        WTFCB_ZONE("plugin turn");
        sum += half(i);
        if (i % 2) continue; /* left all the same */
        WTFCB_ZONE_BEGIN(by_hand, "plugin by hand");
        sum++;
        WTFCB_ZONE_END(by_hand);
    }
    return sum;
}
