// The one page that a run comes to.
#pragma once

#include <string>
#include <vector>

#include "tests/chaos/checker.hpp"
#include "tests/chaos/figures.hpp"

namespace tenure::chaos {

struct ReportHead {
    /// Makes the same schedule again.
    std::string command;
    /// What ran, in words: versions, how many, and on what terms.
    std::string setting;
    std::string picture_file;
};

/// In Markdown.
std::string write_report(const ReportHead& head, const History& history, const Figures& figures,
                         const std::vector<Check>& checks);

}  // namespace tenure::chaos
