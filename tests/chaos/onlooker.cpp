#include "tests/chaos/onlooker.hpp"

#include <boost/json/array.hpp>
#include <utility>

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 250ms;

}  // namespace

Onlooker::Onlooker(const std::filesystem::path& folder, Operator view)
    : journal_(folder / "onlooker.jsonl"), view_(std::move(view)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            look();
            std::this_thread::sleep_for(look_again);
        }
    });
}

std::optional<Operator::View> Onlooker::last() const {
    const std::lock_guard lock(mutex_);
    return last_;
}

void Onlooker::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void Onlooker::look() {
    const Instant asked = LeaseClock::now();
    auto view = view_.look();
    boost::json::object line{{"asked", stamp(asked)}, {"succeeded", view.has_value()}};
    if (view) {
        boost::json::array entries;
        for (const Operator::Entry& entry : view->entries) {
            entries.push_back(
                boost::json::object{{"value", entry.value}, {"token", entry.created}});
        }
        line["term"] = view->term;
        line["entries"] = std::move(entries);
    }
    journal_.write("look", line);
    const std::lock_guard lock(mutex_);
    last_ = std::move(view);
}

}  // namespace tenure::chaos
