// Answers to transactions: entries, counts, revisions.
#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail::v3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto answer = decode_transaction(text_of(data, size));
    if (!answer) {
        demand_readable(answer.error());
        demand(answer.error().code == errc::bad_answer, "what is not etcd's is a bad answer");
        return 0;
    }
    demand_revision(answer->revision);
    for (const RangeAnswer& operation : answer->operations) {
        for (const KeyValue& entry : operation.entries)
            demand_sound(entry);
    }
    const std::string printed = print(*answer);
    const auto again = decode_transaction(printed);
    demand(again && print(*again) == printed, "an answer that is written down reads the same");
    return 0;
}
