// Three candidates and a store in one process, and what happens when lines break: the leader
// is cut off from the store, the next one resigns, and in the end all stop.
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <tenure/faulty_store.hpp>
#include <tenure/tenure.hpp>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

void say(const std::string& what) {
    static const auto beginning = tenure::LeaseClock::now();
    const std::chrono::duration<double> passed = tenure::LeaseClock::now() - beginning;
    std::printf("%7.3f s  %s\n", passed.count(), what.c_str());
    std::fflush(stdout);
}

// One candidate, and its own line to the store that all share.
struct Candidate {
    Candidate(asio::io_context& io, const std::shared_ptr<tenure::KeyStore>& store,
              const std::string& called)
        : name(called),
          line(tenure::sim::make_faulty_store(tenure::make_scheduler(io.get_executor()), store,
                                              500ms)),
          election(io.get_executor(), line,
                   {.election = "demo/leader", .candidate = name, .ttl = 2s}) {
        election.on_elected([this](const tenure::Leadership& leadership) {
            say(name + " is elected, token " + std::to_string(leadership.token()));
            if (elected) elected();
        });
        election.on_unelected([this](tenure::LossReason why) {
            say(name + " is unelected: " + std::string(to_string(why)));
        });
    }

    std::string name;
    std::shared_ptr<tenure::sim::FaultyStore> line;
    tenure::Election election;
    std::function<void()> elected;
};

// What is done to them, one step for each election that succeeds. The pauses are for the
// reader; nothing depends on their length.
class Story {
public:
    explicit Story(asio::io_context& io)
        : store_(tenure::make_memory_store(tenure::make_scheduler(io.get_executor()))),
          candidates_{Candidate(io, store_, "ann"), Candidate(io, store_, "bob"),
                      Candidate(io, store_, "cid")},
          pause_(io) {
        for (Candidate& candidate : candidates_) {
            candidate.elected = [this, &candidate] { next_step(candidate); };
            candidate.election.start();
        }
    }

private:
    void next_step(Candidate& leader) {
        ++step_;
        pause_.expires_after(700ms);
        pause_.async_wait([this, &leader](boost::system::error_code error) {
            if (error) return;
            if (step_ == 1) {
                cut(leader);
            } else if (step_ == 2) {
                mend_and_resign(leader);
            } else {
                stop_all();
            }
        });
    }

    void cut(Candidate& leader) {
        say("--- the line of " + leader.name + " is cut: it has to step down by its own clock,");
        say("    before the store lets anybody else rise");
        leader.line->cut();
        cut_off_ = &leader;
    }

    void mend_and_resign(Candidate& leader) {
        say("--- the line of " + cut_off_->name + " is mended: it goes to the tail");
        cut_off_->line->mend();
        say("--- " + leader.name + " resigns: no time is lost, and it goes to the tail, too");
        leader.election.resign();
    }

    void stop_all() {
        say("--- all stop");
        for (Candidate& candidate : candidates_) {
            candidate.elected = nullptr;
            candidate.election.async_stop([this] {
                if (++stopped_ == candidates_.size()) say("everybody has left");
            });
        }
    }

    std::shared_ptr<tenure::MemoryStore> store_;
    std::array<Candidate, 3> candidates_;
    asio::steady_timer pause_;
    Candidate* cut_off_ = nullptr;
    int step_ = 0;
    std::size_t stopped_ = 0;
};

}  // namespace

int main() {
    asio::io_context io;
    const Story story(io);
    io.run();
}
