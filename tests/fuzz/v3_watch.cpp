// Messages of the stream of watches.
#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail::v3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto answer = decode_watch_message(text_of(data, size));
    if (!answer) {
        demand_readable(answer.error());
        return 0;
    }
    demand_revision(answer->revision);
    for (const Event& event : answer->events) {
        demand_sound(event.entry);
        if (event.previous) demand_sound(*event.previous);
    }
    const std::string printed = print(*answer);
    const auto again = decode_watch_message(in_stream(printed));
    demand(again && print(*again) == printed, "a message that is written down reads the same");
    return 0;
}
