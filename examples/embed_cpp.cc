// Embed a scan in C++: handles in unique_ptr, failures as exceptions. Build: c++ -std=c++17 embed_cpp.cc -lwtfcb
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <wtfcb.h>

struct Free {
    void operator()(wtfcb_scanner *scanner) const
    {
        wtfcb_scanner_free(scanner);
    }
    void operator()(wtfcb_codebase *codebase) const
    {
        wtfcb_codebase_free(codebase);
    }
};

using Scanner = std::unique_ptr<wtfcb_scanner, Free>;
using Codebase = std::unique_ptr<wtfcb_codebase, Free>;

static void check(wtfcb_status status, const std::string &message = "")
{
    if (status != WTFCB_OK) throw std::runtime_error(message.empty() ? wtfcb_status_message(status) : message);
}

static Codebase scan(const char *root)
{
    wtfcb_scanner *scanner = nullptr;
    check(wtfcb_scanner_new(nullptr, &scanner));
    Scanner owner(scanner);
    check(wtfcb_scanner_set(scanner, WTFCB_SCANNER_DEPTH, WTFCB_DEPTH_SYNTAX));

    wtfcb_codebase *codebase = nullptr;
    wtfcb_error error = WTFCB_ERROR_INIT;
    check(wtfcb_scanner_scan(scanner, root, &codebase, &error), error.message);
    return Codebase(codebase); // outlives the scanner
}

int main(int argc, char **argv)
try {
    Codebase codebase = scan(argc > 1 ? argv[1] : ".");
    wtfcb_language_totals row;

    for (uint64_t i = 0; wtfcb_codebase_language(codebase.get(), i, &row, sizeof row) == WTFCB_OK; i++)
        std::cout << (row.language[0] != 0 ? row.language : "other") << ": " << row.files << " files, " << row.code
                  << " lines of code, " << row.symbols << " symbols\n";
} catch (const std::exception &failure) {
    std::cerr << failure.what() << '\n';
    return 1;
}
