// A candidate as a service would run it, in a process of its own: it stands for election, asks its
// leadership all the time whether it is valid, and writes to the ledger as long as it is. What it
// sees goes into a journal.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <deque>
#include <iostream>
#include <optional>
#include <system_error>
#include <tenure/tenure.hpp>
#include <thread>

#include "tests/chaos/arguments.hpp"
#include "tests/chaos/history.hpp"
#include "tests/chaos/journal.hpp"

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;

// How often validity is looked at, and how often that is written down.
constexpr auto look_again = 2ms;
constexpr auto write_down = 25ms;
constexpr auto beat_again = 500ms;
constexpr auto next_write = 25ms;
// Work that outlasts the margin, and so has to be fenced by its token.
constexpr auto next_long_work = 300ms;
constexpr auto long_work = 3500ms;

/// Writes to the ledger, and does not wait for what it says.
class LedgerLine {
public:
    LedgerLine(std::uint16_t port, std::string who)
        : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
          who_(std::move(who)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(port);
        const auto* const any = reinterpret_cast<const sockaddr*>(&address);
        if (fd_ < 0 || ::connect(fd_, any, sizeof address) != 0) {
            throw std::system_error(errno, std::generic_category(), "the ledger");
        }
    }
    ~LedgerLine() { ::close(fd_); }
    LedgerLine(const LedgerLine&) = delete;
    LedgerLine& operator=(const LedgerLine&) = delete;

    void write(std::int64_t token) {
        const std::string text = std::to_string(token) + ' ' + who_;
        [[maybe_unused]] const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
        std::array<char, 256> answer{};
        while (::recv(fd_, answer.data(), answer.size(), 0) > 0) {
        }
    }

private:
    int fd_;
    std::string who_;
};

/// Asks for validity on a thread of its own, and works while it is given.
class Worker {
public:
    Worker(const Election& election, Journal& journal, std::uint16_t ledger, const std::string& who)
        : election_(election), journal_(journal), ledger_(ledger, who) {
        thread_ = std::jthread([this](const std::stop_token& stop) {
            while (!stop.stop_requested()) {
                turn();
                std::this_thread::sleep_for(look_again);
            }
            flush();
        });
    }

private:
    struct LongWork {
        Instant done;
        std::int64_t token;
    };

    void turn() {
        const Leadership leadership = election_.leadership();
        const Instant after = LeaseClock::now();
        const bool valid = leadership.valid();
        const Instant before = LeaseClock::now();
        if (valid) {
            note({after, before}, leadership);
            work(leadership.token(), before);
        } else if (seen_) {
            flush();
            over_ = seen_->token;
            seen_.reset();
        }
        while (!long_works_.empty() && long_works_.front().done <= before) {
            ledger_.write(long_works_.front().token);
            long_works_.pop_front();
        }
    }

    void note(const Moment& moment, const Leadership& leadership) {
        const std::int64_t token = leadership.token();
        if (token == over_) {
            journal_.write("revived", {{"token", token}});
            over_ = 0;
        }
        if (seen_ && seen_->token != token) flush();
        if (!seen_ || seen_->token != token) seen_ = Seen{token, moment, moment, {}, {}};
        seen_->last = moment;
        seen_->until = moment.after + leadership.remaining();
        if (moment.before - seen_->written >= write_down) flush();
    }

    void work(std::int64_t token, Instant now) {
        if (now - last_write_ >= next_write) {
            ledger_.write(token);
            last_write_ = now;
        }
        if (now - last_long_work_ >= next_long_work) {
            long_works_.push_back({now + long_work, token});
            last_long_work_ = now;
        }
    }

    void flush() {
        if (!seen_) return;
        journal_.write("valid", {{"token", seen_->token},
                                 {"first_after", stamp(seen_->first.after)},
                                 {"first_before", stamp(seen_->first.before)},
                                 {"last_after", stamp(seen_->last.after)},
                                 {"last_before", stamp(seen_->last.before)},
                                 {"until", stamp(seen_->until)}});
        seen_->written = seen_->last.before;
    }

    struct Seen {
        std::int64_t token;
        Moment first, last;
        Instant until, written;
    };

    const Election& election_;
    Journal& journal_;
    LedgerLine ledger_;
    std::optional<Seen> seen_;
    std::int64_t over_ = 0;
    Instant last_write_{}, last_long_work_{};
    std::deque<LongWork> long_works_;
    std::jthread thread_;
};

class Candidate {
public:
    explicit Candidate(const Arguments& arguments)
        : journal_(arguments.text("journal")),
          signals_(context_, SIGTERM, SIGINT),
          beat_(context_),
          election_(context_.get_executor(),
                    open_store(context_.get_executor(), arguments.text("store")),
                    {.election = arguments.text("election"),
                     .candidate = arguments.text("name"),
                     .ttl = std::chrono::milliseconds(arguments.number("ttl")),
                     .margin = std::chrono::milliseconds(arguments.number("margin")),
                     .request_timeout = std::chrono::milliseconds(arguments.number("timeout"))}),
          worker_(election_, journal_, static_cast<std::uint16_t>(arguments.number("ledger")),
                  arguments.text("name")) {
        connect();
        signals_.async_wait([this](error_code error, int) {
            if (!error) stop();
        });
    }

    void run() {
        journal_.write("started");
        election_.start();
        beat();
        context_.run();
        journal_.write("stopped");
    }

private:
    void connect() {
        election_.on_elected([this](const Leadership& leadership) {
            token_ = leadership.token();
            journal_.write("elected", {{"token", token_}});
        });
        election_.on_unelected([this](LossReason reason) {
            journal_.write("unelected", {{"token", token_}, {"reason", to_string(reason)}});
        });
        election_.on_leader([this](const std::optional<Leader>& leader) {
            journal_.write("leader", {{"token", leader ? leader->token : 0},
                                      {"candidate", leader ? leader->candidate : ""}});
        });
        election_.on_error([this](error_code error, std::string_view doing) {
            journal_.write("error", {{"error", error.message()}, {"doing", doing}});
        });
    }

    void beat() {
        journal_.write("beat");
        beat_.expires_after(beat_again);
        beat_.async_wait([this](error_code error) {
            if (!error) beat();
        });
    }

    void stop() {
        election_.async_stop(
            asio::bind_executor(context_.get_executor(), [this] { context_.stop(); }));
    }

    asio::io_context context_{1};
    Journal journal_;
    asio::signal_set signals_;
    asio::steady_timer beat_;
    std::int64_t token_ = 0;
    Election election_;
    Worker worker_;
};

}  // namespace
}  // namespace tenure::chaos

int main(int count, char** words) {
    try {
        tenure::chaos::Candidate candidate({count,
                                            words,
                                            {{"store", ""},
                                             {"election", ""},
                                             {"name", ""},
                                             {"ledger", ""},
                                             {"journal", ""},
                                             {"ttl", ""},
                                             {"margin", ""},
                                             {"timeout", ""}}});
        candidate.run();
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "chaos_candidate: " << error.what() << std::endl;
        return 1;
    }
}
