// The candidates' processes: started, killed, stopped, told to leave, and watched for ends that
// nobody ordered.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <tenure/types.hpp>
#include <vector>

#include "tests/chaos/journal.hpp"
#include "tests/support/child_process.hpp"

namespace tenure::chaos {

/// Of every candidate.
struct Terms {
    std::filesystem::path program;
    std::filesystem::path folder;
    std::string election;
    std::chrono::milliseconds ttl{};
    std::chrono::milliseconds margin{};
    std::chrono::milliseconds request_timeout{};
    /// Of a request at one member.
    std::chrono::milliseconds endpoint_timeout{};
    std::string ledger_port;
};

class Cast {
public:
    Cast(Terms terms, Journal& journal) : terms_(std::move(terms)), journal_(journal) {}

    std::size_t size() const noexcept { return roles_.size(); }
    const std::string& name(std::size_t who) const { return roles_[who].name; }
    /// The one of this name.
    std::optional<std::size_t> find(const std::string& name) const;

    void add(std::string name, std::string store_url);
    /// A new process for a candidate that has none.
    void start(std::size_t who);
    bool runs(std::size_t who) const { return roles_[who].process != nullptr; }

    void kill(std::size_t who);
    void pause(std::size_t who);
    void resume(std::size_t who);
    /// SIGTERM; `runs` is false once it has ended, or was killed because it took too long.
    void ask_to_end(std::size_t who);

    /// Notes who has ended meanwhile, by order or not.
    void tend();
    /// Asks all to end, and waits.
    void end_all();

    /// Notes what each process has.
    void note_belongings(const char* when);

private:
    struct Role {
        std::string name;
        std::string store_url;
        int life = 0;
        std::unique_ptr<test::ChildProcess> process{};
        /// When it has to have ended, once it was asked to.
        std::optional<Instant> deadline{};
    };

    std::string life_of(const Role& role) const;
    void note_end(Role& role, const char* how, int status);

    Terms terms_;
    Journal& journal_;
    std::vector<Role> roles_;
};

/// Reads /proc and writes what it finds into the journal.
void note_belongings(Journal& journal, const std::string& who, pid_t pid, const char* when);

}  // namespace tenure::chaos
