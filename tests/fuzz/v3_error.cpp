// Bodies of answers that are not HTTP 200. The first byte chooses the status.
#include <array>

#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail::v3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<unsigned, 10> statuses{100, 204, 301, 400, 401, 404, 412, 429, 500, 503};
    if (size == 0) return 0;
    const unsigned status = statuses[*data % statuses.size()];
    const std::string_view body = text_of(data + 1, size - 1);
    const Error error = error_of_answer(status, body);
    demand_readable(error);
    demand(error.detail.starts_with("answered "), "an error says what was answered");
    // Only etcd itself may say these, and but for one it says them in JSON.
    const bool is_told = error.code == errc::lease_gone || error.code == errc::compacted ||
                         error.code == condition::refused;
    const bool is_about_certificate =
        status == 400 && body.find("CommonName of client") != std::string_view::npos;
    demand(!is_told || is_about_certificate || body.find('{') != std::string_view::npos,
           "a page that is none of etcd's refuses nothing");
    return 0;
}
