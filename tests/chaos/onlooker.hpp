// Looks at the election's entries all the time, and writes down what it sees.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/chaos/journal.hpp"
#include "tests/chaos/operator.hpp"

namespace tenure::chaos {

class Onlooker {
public:
    /// Begins at once, on a thread of its own; its journal is `onlooker.jsonl`.
    Onlooker(const std::filesystem::path& folder, Operator view);

    /// What it saw last, if it could see at all.
    std::optional<Operator::View> last() const;
    /// Looks no more; called by the destructor, too.
    void stop();

private:
    void look();

    Journal journal_;
    Operator view_;
    mutable std::mutex mutex_;
    std::optional<Operator::View> last_;
    std::jthread thread_;
};

}  // namespace tenure::chaos
