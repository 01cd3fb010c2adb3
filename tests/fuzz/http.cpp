// What a server sends in answer to an HTTP request, through the real connection. The first byte
// chooses in which pieces it comes.
#include "backends/etcd/http_connection.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/fuzz/loopback.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail;
using namespace std::chrono_literals;

namespace {

/// Asks, and counts how often that is answered.
struct Question {
    explicit Question(HttpConnection& connection) {
        connection.ask({.target = "/version"}, Clock::now() + 5min, [this](HttpOutcome answer) {
            ++replies;
            outcome = std::move(answer);
        });
        demand(replies == 0, "no answer comes within the call that asks");
    }
    int replies = 0;
    HttpOutcome outcome{};
};

void check(const HttpOutcome& outcome) {
    if (!outcome.error) {
        const unsigned status = outcome.answer.status;
        demand(status / 100 != 1 || status == 101, "an answer is a final one");
        return;
    }
    demand_readable(*outcome.error);
    demand(outcome.error->code == errc::bad_answer || outcome.error->code == errc::unreachable,
           "what is wrong is told apart from what is late");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Loopback loopback;
    if (size == 0) return 0;
    const auto connection =
        make_http_connection(loopback.context().get_executor(), {loopback.endpoint()});
    Question first(*connection);
    loopback.accept();
    loopback.read_head();
    loopback.write(text_of(data + 1, size - 1), piece_size(*data));
    const bool has_more_to_say = first.replies > 0 && !first.outcome.error;
    // What has come by now was never asked for: it must not be taken for the next answer.
    if (has_more_to_say && connection->is_usable()) {
        Question second(*connection);
        loopback.settle();
        loopback.finish();
        loopback.run_until([&] { return second.replies > 0; });
        demand(second.outcome.error.has_value(), "an answer comes after its question");
    } else {
        loopback.finish();
        loopback.run_until([&] { return first.replies > 0; });
    }
    connection->close();
    loopback.close();
    demand(first.replies == 1, "a question is answered once");
    check(first.outcome);
    return 0;
}
