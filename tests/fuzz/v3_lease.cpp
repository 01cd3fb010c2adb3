// Answers to grants, revocations and renewals: the last ones are messages of a stream.
#include <tenure/types.hpp>

#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail::v3;

namespace {

void check(const LeaseAnswer& answer) {
    demand(answer.id != 0, "a lease has an ID");
    // As the store does it: a time beyond what a Duration holds is undefined behaviour.
    const Duration ttl = std::chrono::seconds(answer.ttl_seconds);
    demand((ttl < Duration::zero()) == (answer.ttl_seconds < 0), "a TTL keeps its sign");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    if (const auto lease = decode_lease(text)) {
        check(*lease);
        const auto again = decode_lease(print(*lease));
        demand(again && print(*again) == print(*lease), "a lease reads the same again");
    } else {
        demand_readable(lease.error());
        demand(lease.error().code == errc::bad_answer, "what is not etcd's is a bad answer");
    }
    if (const auto renewed = decode_renewal_message(text)) {
        check(*renewed);
        const auto again = decode_renewal_message(in_stream(print(*renewed)));
        demand(again && print(*again) == print(*renewed), "a renewal reads the same again");
    } else {
        demand_readable(renewed.error());
    }
    if (const auto done = decode_nothing(text); !done) demand_readable(done.error());
    return 0;
}
