// Profile a call in C++: zones are objects, a recording is one too. Build: c++ -std=c++17 profile_cpp.cc -lwtfcb
//
//     profile_cpp [FILE]    FILE, such as profile.html, gets the whole profile
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <wtfcb.h>

struct Free {
    void operator()(wtfcb_profiler *profiler) const
    {
        wtfcb_profiler_free(profiler);
    }
    void operator()(wtfcb_profile *profile) const
    {
        wtfcb_profile_free(profile);
    }
};

using Profiler = std::unique_ptr<wtfcb_profiler, Free>;
using Profile = std::unique_ptr<wtfcb_profile, Free>;

static void check(wtfcb_status status, const std::string &message = "")
{
    if (status != WTFCB_OK) throw std::runtime_error(message.empty() ? wtfcb_status_message(status) : message);
}

// Records from here to stop(), or, when an exception passes, to the end of the block.
class Recording
{
  public:
    explicit Recording(const char *name)
    {
        wtfcb_profiler *made = nullptr;
        wtfcb_error error = WTFCB_ERROR_INIT;
        check(wtfcb_profiler_new(nullptr, &made));
        profiler_.reset(made);
        check(wtfcb_profiler_start(made, name, &error), error.message);
    }

    Profile stop()
    {
        wtfcb_profile *profile = nullptr;
        wtfcb_error error = WTFCB_ERROR_INIT;
        check(wtfcb_profiler_stop(profiler_.get(), &profile, &error), error.message);
        return Profile(profile); // outlives the profiler
    }

  private:
    Profiler profiler_;
};

static unsigned hash(const std::string &word)
{
    WTFCB_ZONE("hash"); // an object: to the end of the block, by whatever way that is left
    unsigned value = 2166136261u;

    for (unsigned char letter : word)
        value = (value ^ letter) * 16777619u;
    return value;
}

static unsigned parse(std::string &word)
{
    WTFCB_ZONE("parse");

    for (char &letter : word)
        if (letter >= 'a') letter = static_cast<char>(letter - 'a' + 'A');
    return hash(word);
}

static unsigned build_index(std::vector<std::string> &words)
{
    WTFCB_ZONE("index");
    unsigned digest = 0;

    for (std::string &word : words)
        digest ^= parse(word);
    return digest;
}

int main(int argc, char **argv)
try {
    std::vector<std::string> words(1000, std::string(200, 'w'));
    Recording recording("words");
    unsigned digest = build_index(words);
    Profile profile = recording.stop();
    std::printf("digest %08x\n", digest);

    wtfcb_profile_frame zone;
    for (uint64_t i = 0; wtfcb_profile_frame_at(profile.get(), i, &zone, sizeof zone) == WTFCB_OK; i++)
        std::printf("%s: %llu times, %.3f ms, %.3f ms of it its own, half within %.1f us\n", zone.name,
                    static_cast<unsigned long long>(zone.count), static_cast<double>(zone.total) / 1e6,
                    static_cast<double>(zone.self) / 1e6, static_cast<double>(zone.p50_ns) / 1e3);

    wtfcb_error error = WTFCB_ERROR_INIT;
    if (argc > 1) check(wtfcb_profile_save(profile.get(), argv[1], WTFCB_PROFILE_BY_NAME, &error), error.message);
} catch (const std::exception &failure) {
    std::fprintf(stderr, "%s\n", failure.what());
    return 1;
}
