// Answers of the v2 keys API, and what they mean to one who watches. The first byte chooses the
// status.
#include <array>

#include "backends/etcd/v2/layout.hpp"
#include "backends/etcd/v2/messages.hpp"
#include "backends/etcd/v2/polled.hpp"
#include "tests/fuzz/answers.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail;
using namespace tenure::etcd::detail::v2;

namespace {

void check(const Node& node) {
    demand_revision(node.created);
    demand_revision(node.modified);
}

// As a watch of that key takes it, one of its directory, and one that has nothing to do with it.
void watch(const Answer& answer) {
    const std::string directory(parent_of(answer.node.key));
    for (const Polled& polled :
         {Polled{.path = answer.node.key}, Polled{.path = directory, .is_directory = true},
          Polled{.path = "/somewhere/else"}}) {
        const News news = news_of(polled, answer);
        demand(!news.change || !news.lost_track, "a change is told, or that they are lost");
        if (news.change) demand_revision(to_integer(news.change->revision));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::array<unsigned, 8> statuses{200, 201, 307, 400, 403, 404, 412, 503};
    if (size == 0) return 0;
    const std::string body(text_of(data + 1, size - 1));
    const auto answer =
        decode(HttpAnswer{.status = statuses[*data % statuses.size()], .body = body});
    if (!answer) {
        demand_readable(answer.error());
        return 0;
    }
    demand_revision(answer->index);
    if (answer->outcome != Answer::Outcome::done) return 0;
    check(answer->node);
    if (answer->previous) check(*answer->previous);
    for (const Node& child : answer->children)
        check(child);
    watch(*answer);
    const std::string printed = print(*answer);
    const auto again = decode(HttpAnswer{.status = 200, .body = printed});
    demand(again && print(*again) == printed, "an answer that is written down reads the same");
    return 0;
}
