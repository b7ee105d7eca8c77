// The same in C++: zones in functions, lambdas, methods and templates, left by return and by exception. Compiled as C++11 and as C++17.
#include <wtfcb/zone.h>

#include <stdexcept>

namespace
{

template <typename T> T twice(T value)
{
    WTFCB_ZONE("cxx template");
    return value + value;
}

struct thing {
    int method(int i)
    {
        WTFCB_ZONE("cxx method");
        WTFCB_ZONE("cxx second in a block");
        if (i % 2) throw std::runtime_error("odd");
        return i;
    }
};

} // namespace

extern "C" __attribute__((visibility("default"))) int run(int times)
{
    int sum = 0;
    thing t;
    for (int i = 0; i < times; i++) {
        WTFCB_ZONE("cxx turn");
        try {
            sum += t.method(i);
        } catch (const std::runtime_error &) {
            sum--;
        }
        auto add = [&] {
            WTFCB_ZONE("cxx lambda");
            sum += twice(1) + static_cast<int>(twice(1.0));
        };
        add();
        WTFCB_ZONE_BEGIN(by_hand, "cxx by hand");
        WTFCB_ZONE_END(by_hand);
    }
    return sum;
}
