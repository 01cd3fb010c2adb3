// What a server sends in answer to a request that goes on, through the real stream. The first byte
// chooses in which pieces it comes, whether the input is the whole answer or its body alone, and
// whether the stream is closed as soon as a line has come.
#include "backends/etcd/http_stream.hpp"

#include "tests/fuzz/check.hpp"
#include "tests/fuzz/loopback.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail;
using namespace std::chrono_literals;

namespace {

struct Heard {
    std::shared_ptr<HttpStream> stream{};
    bool closes_at_a_line = false;
    bool is_over = false;
    std::vector<std::string> lines{};
    std::optional<HttpAnswer> refusal{};
    std::optional<Error> error{};

    void line(std::string_view text) {
        demand(!is_over, "nothing comes after the end");
        lines.emplace_back(text);
        if (!closes_at_a_line) return;
        is_over = true;
        stream->close();
    }
    void refused(HttpAnswer answer) {
        demand(!std::exchange(is_over, true), "nothing comes after the end");
        refusal = std::move(answer);
    }
    void broken(Error what) {
        demand(!std::exchange(is_over, true), "nothing comes after the end");
        error = std::move(what);
    }
};

void open(Loopback& loopback, Heard& heard) {
    heard.stream = open_http_stream(
        loopback.context().get_executor(), {loopback.endpoint()},
        {.method = Method::post, .target = "/v3/watch", .body = "{}"}, Clock::now() + 5min,
        {.line = [&heard](std::string_view text) { heard.line(text); },
         .refused = [&heard](HttpAnswer answer) { heard.refused(std::move(answer)); },
         .broken = [&heard](Error error) { heard.broken(std::move(error)); }});
    demand(!heard.is_over, "nothing comes within the call that opens");
}

// Taken apart in the plainest way.
std::vector<std::string> lines_of(std::string_view body) {
    std::vector<std::string> lines;
    std::string line;
    for (const char c : body) {
        if (c != '\n') {
            line += c;
            continue;
        }
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) lines.push_back(line);
        line.clear();
    }
    return lines;
}

void check(const Heard& heard) {
    for (const std::string& line : heard.lines)
        demand(!line.empty() && line.find('\n') == line.npos, "a line is one line");
    if (heard.refusal) {
        const unsigned status = heard.refusal->status;
        demand(heard.lines.empty(), "what is refused says nothing");
        demand(status != 200, "what is good is not refused");
        demand(status / 100 != 1 || status == 101, "a refusal is a final answer");
        demand(heard.refusal->body.size() <= std::size_t{64} * 1024, "a refusal has an end");
    }
    if (!heard.error) return;
    demand_readable(*heard.error);
    demand(heard.error->code == errc::bad_answer || heard.error->code == errc::unreachable,
           "what is wrong is told apart from what is late");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Loopback loopback;
    if (size == 0) return 0;
    constexpr std::uint8_t body_alone = 0x04;
    constexpr std::uint8_t closes_early = 0x08;
    const std::string_view input = text_of(data + 1, size - 1);
    const bool has_good_head = (*data & body_alone) != 0;
    Heard heard;
    heard.closes_at_a_line = (*data & closes_early) != 0;
    open(loopback, heard);
    loopback.accept();
    loopback.read_head();
    if (has_good_head) loopback.write("HTTP/1.1 200 OK\r\n\r\n", 0);
    loopback.write(input, piece_size(*data));
    loopback.finish();
    loopback.run_until([&] { return heard.is_over; });
    heard.stream->close();
    loopback.close();
    check(heard);
    if (!has_good_head) return 0;
    auto expected = lines_of(input);
    if (heard.closes_at_a_line && !expected.empty()) expected.resize(1);
    demand(heard.lines == expected, "the lines are those that were sent");
    return 0;
}
