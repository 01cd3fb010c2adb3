// Lines out of bytes, in whatever pieces these come. The first byte is how long a line may be, the
// second how large a piece is.
#include "backends/etcd/line_splitter.hpp"

#include <vector>

#include "tests/fuzz/check.hpp"

using namespace tenure::fuzz;
using namespace tenure::etcd::detail;

namespace {

struct Lines {
    std::vector<std::string> all{};
    /// Up to there.
    bool fits = true;
    friend bool operator==(const Lines&, const Lines&) = default;
};

Lines split(std::string_view bytes, std::size_t longest, std::size_t piece) {
    Lines lines;
    LineSplitter splitter(longest);
    for (std::size_t at = 0; at < bytes.size() && lines.fits; at += piece) {
        lines.fits = splitter.feed(bytes.substr(at, piece),
                                   [&](std::string_view line) { lines.all.emplace_back(line); });
    }
    return lines;
}

// In the plainest way, with all bytes at hand.
Lines expected(std::string_view bytes, std::size_t longest) {
    Lines lines;
    while (!bytes.empty()) {
        const auto end = bytes.find('\n');
        std::string_view line = bytes.substr(0, end);
        lines.fits = line.size() <= longest;
        if (!lines.fits || end == bytes.npos) return lines;
        bytes.remove_prefix(end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!line.empty()) lines.all.emplace_back(line);
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t longest = data[0];
    const std::size_t piece = std::size_t{data[1]} + 1;
    const std::string_view bytes = text_of(data + 2, size - 2);
    const Lines lines = split(bytes, longest, piece);
    for (const std::string& line : lines.all)
        demand(!line.empty() && line.size() <= longest, "a line is neither empty nor too long");
    demand(lines == expected(bytes, longest), "the lines are those that were sent");
    return 0;
}
