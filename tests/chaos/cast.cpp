#include "tests/chaos/cast.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <thread>

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// Longer than leaving the line may take while etcd does not answer.
constexpr auto time_to_end = 15s;
constexpr auto look_again = 20ms;

std::int64_t resident_kilobytes(const fs::path& process) {
    std::ifstream status(process / "status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return std::strtoll(line.c_str() + 6, nullptr, 10);
    }
    return 0;
}

}  // namespace

void note_belongings(Journal& journal, const std::string& who, pid_t pid, const char* when) {
    const fs::path process = fs::path("/proc") / std::to_string(pid);
    std::int64_t descriptors = 0, connections = 0;
    std::error_code error;
    for (const auto& descriptor : fs::directory_iterator(process / "fd", error)) {
        ++descriptors;
        const std::string target = fs::read_symlink(descriptor.path(), error);
        if (target.starts_with("socket:")) ++connections;
    }
    journal.write("belongings", {{"who", who},
                                 {"when", when},
                                 {"kilobytes", resident_kilobytes(process)},
                                 {"descriptors", descriptors},
                                 {"connections", connections}});
}

std::optional<std::size_t> Cast::find(const std::string& name) const {
    const auto found = std::ranges::find(roles_, name, &Role::name);
    if (found == roles_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - roles_.begin());
}

void Cast::add(std::string name, std::string store_url) {
    roles_.push_back({.name = std::move(name), .store_url = std::move(store_url)});
    start(roles_.size() - 1);
}

std::string Cast::life_of(const Role& role) const {
    return role.name + '-' + std::to_string(role.life);
}

void Cast::start(std::size_t who) {
    Role& role = roles_[who];
    ++role.life;
    const auto text = [](std::chrono::milliseconds time) { return std::to_string(time.count()); };
    const std::string life = life_of(role);
    // First, so that no sign of its life comes before.
    journal_.write("spawned", {{"who", life}});
    role.process = std::make_unique<test::ChildProcess>(test::Command{
        {terms_.program, "--store",
         role.store_url + "?timeout=" + text(terms_.endpoint_timeout) + "ms", "--election",
         terms_.election, "--name", life, "--ledger", terms_.ledger_port, "--journal",
         terms_.folder / (life + ".jsonl"), "--ttl", text(terms_.ttl), "--margin",
         text(terms_.margin), "--timeout", text(terms_.request_timeout)}});
    role.deadline.reset();
}

void Cast::note_end(Role& role, const char* how, int status) {
    journal_.write("ended", {{"who", life_of(role)}, {"how", how}, {"status", status}});
    const std::string words = role.process->rest_of_errors();
    if (!words.empty()) journal_.write("note", {{"who", life_of(role)}, {"words", words}});
    role.process.reset();
}

void Cast::kill(std::size_t who) {
    Role& role = roles_[who];
    tend();
    if (!role.process) return;
    role.process->signal(SIGKILL);
    const auto status = role.process->wait(10s);
    note_end(role, "killed", status.value_or(0));
}

void Cast::pause(std::size_t who) {
    if (roles_[who].process) roles_[who].process->signal(SIGSTOP);
}

void Cast::resume(std::size_t who) {
    if (roles_[who].process) roles_[who].process->signal(SIGCONT);
}

void Cast::ask_to_end(std::size_t who) {
    Role& role = roles_[who];
    if (!role.process) return;
    role.process->signal(SIGTERM);
    role.deadline = LeaseClock::now() + time_to_end;
}

void Cast::tend() {
    for (Role& role : roles_) {
        if (!role.process) continue;
        if (const auto status = role.process->wait(0ms)) {
            note_end(role, role.deadline ? "in_order" : "by_itself", *status);
        } else if (role.deadline && LeaseClock::now() > *role.deadline) {
            role.process->signal(SIGKILL);
            note_end(role, "too_late", role.process->wait(10s).value_or(0));
        }
    }
}

void Cast::end_all() {
    for (std::size_t who = 0; who < size(); ++who)
        ask_to_end(who);
    while (std::ranges::any_of(roles_, [](const Role& role) { return role.process != nullptr; })) {
        tend();
        std::this_thread::sleep_for(look_again);
    }
}

void Cast::note_belongings(const char* when) {
    for (const Role& role : roles_) {
        if (!role.process) continue;
        chaos::note_belongings(journal_, life_of(role), role.process->pid(), when);
    }
}

}  // namespace tenure::chaos
