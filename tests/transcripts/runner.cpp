#include "tests/transcripts/runner.hpp"

namespace tenure::testing {
namespace {

// `50%`: the random draw that a driver hands in with each input, as a share of all.
std::uint32_t read_chance(const std::string& text) {
    const bool is_share = text.size() > 1 && text.ends_with('%');
    const auto percent = is_share ? read_number(text.substr(0, text.size() - 1)) : 100;
    if (percent >= 100) throw Mistake("'chance=" + text + "' should be from 0% to 99%");
    return static_cast<std::uint32_t>((std::uint64_t{1} << 32) *
                                      static_cast<std::uint64_t>(percent) / 100);
}

class Stage {
public:
    explicit Stage(Coverage& coverage) : coverage_(coverage) {}

    Lines play(const std::string& line) {
        Words words(line);
        const std::string first = words.take("the input");
        return first == "at" ? step(words) : begin(first, words);
    }

private:
    Lines begin(const std::string& kind, Words& options) {
        kind_ = kind;
        now_ = transcript_start;
        scene_.reset();
        Shown& shown = coverage_[kind];
        try {
            if (kind == "session") scene_ = session_scene(options, shown);
            if (kind == "candidacy") scene_ = candidacy_scene(options, shown);
            if (kind == "observer") scene_ = observer_scene(options, shown);
        } catch (const std::invalid_argument& error) {
            return {std::string("refused: ") + error.what()};
        }
        return {scene_->state()};
    }

    Lines step(Words& words) {
        if (!scene_) throw Mistake("there is no machine: its options were refused, or are missing");
        const Instant now = read_instant(words.take("the time"));
        if (now < now_) throw Mistake("the time goes back from " + written(now_));
        now_ = now;
        const auto chance = read_chance(words.named("chance").value_or("0%"));
        Lines answer = scene_->step({now, chance}, words, coverage_[kind_]);
        answer.push_back(scene_->state());
        return answer;
    }

    Coverage& coverage_;
    std::string kind_;
    std::unique_ptr<Scene> scene_;
    Instant now_ = transcript_start;
};

}  // namespace

Played play(Transcript transcript, Coverage& coverage) {
    Played played{std::move(transcript), {}, {}};
    Stage stage(coverage);
    for (Block& block : played.transcript.blocks) {
        const std::string where = played.transcript.name + ':' + std::to_string(block.line) + ": ";
        try {
            Lines answer = stage.play(block.input);
            const std::string changed = difference(block.answer, answer);
            if (!changed.empty())
                played.differences.push_back(where + block.input + '\n' + changed);
            block.answer = std::move(answer);
        } catch (const Mistake& mistake) {
            played.mistake = where + mistake.what();
            return played;
        }
    }
    return played;
}

}  // namespace tenure::testing
