// Base64 in both directions: what comes is taken for bytes, and for a text.
#include "backends/etcd/base64.hpp"

#include "tests/fuzz/check.hpp"

using namespace tenure::fuzz;
using namespace tenure::etcd::detail;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    demand(from_base64(to_base64(text)) == text, "bytes come back as they were");
    if (const auto bytes = from_base64(text)) {
        demand(to_base64(*bytes) == text, "bytes are written in one way only");
    }
    return 0;
}
