// Plays a transcript to the machines, and notes what they answer.
#pragma once

#include <optional>

#include "tests/transcripts/scene.hpp"
#include "tests/transcripts/transcript.hpp"

namespace tenure::testing {

struct Played {
    /// With the answers of now, as far as it could be played.
    Transcript transcript;
    /// One for each block whose answer is not the one that was reviewed.
    std::vector<std::string> differences;
    /// With name and line; nothing after it was played.
    std::optional<std::string> mistake;
};

Played play(Transcript transcript, Coverage& coverage);

}  // namespace tenure::testing
