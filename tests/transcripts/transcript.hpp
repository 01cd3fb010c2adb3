// A transcript as text: prose, and blocks of one input with the answer that was reviewed.
//
//     # What this file shows.
//
//     session ttl=9s margin=1s timeout=2s
//     ----
//       state idle, wants no tick
//
//     # Why what comes next is so.
//     at 0s start
//     ----
//     grant #1 ttl=9s
//       state granting, wants a tick at 2s
//
// A block ends with an empty line. A line of options begins anew, with a fresh machine.
#pragma once

#include <string>
#include <vector>

namespace tenure::testing {

using Lines = std::vector<std::string>;

struct Block {
    /// The prose and the empty lines before it, as they are.
    Lines before;
    std::size_t line = 0;
    std::string input;
    Lines answer;
};

struct Transcript {
    std::string name;
    std::vector<Block> blocks;
    Lines after;
};

/// Throws a `Mistake` with name and line for what is no transcript, one without a block included.
Transcript parse(const std::string& name, const std::string& text);
std::string render(const Transcript& transcript);

/// The lines of both in one, marked `-` where only expected and `+` where only got; empty where
/// they are alike.
std::string difference(const Lines& expected, const Lines& got);

}  // namespace tenure::testing
