// A timeline in lines of text.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "backends/simulation/drawing.hpp"

namespace tenure::sim {
namespace {

using namespace detail;

/// What is drawn in one colour; elections have one each, from `election` on.
enum Style : std::size_t { plain, faint, hampered, cut, stopped, mark, bad, election };

constexpr std::array colours{"", "90", "90", "33", "35", "1", "1;31", "32", "36", "34", "95"};

struct Glyphs {
    /// The highest is not quite as high as a line, so that lanes do not touch.
    std::array<const char*, 7> levels;
    /// By FaultKind.
    std::array<const char*, 3> faults;
    const char* rule;
    const char* tick;
    const char* grid;
};
constexpr Glyphs blocks{{"▁", "▂", "▃", "▄", "▅", "▆", "▇"}, {"░", "▒", "▓"}, "─", "┬", "·"};
constexpr Glyphs ascii{{"_", "_", "-", "-", "=", "#", "#"}, {"~", ":", "%"}, "-", "+", "."};

struct Cell {
    std::string glyph = " ";
    Style style = plain;
    /// A label keeps off what is no background.
    bool is_free = true;
};
using Row = std::vector<Cell>;

void write(Row& row, std::size_t column, std::string_view text, Style style) {
    for (const char letter : text) {
        if (column < row.size()) row[column++] = {std::string(1, letter), style, false};
    }
}

class Picture {
public:
    Picture(const Timeline& timeline, const TerminalOptions& options)
        : timeline_(timeline),
          options_(options),
          glyphs_(options.unicode ? blocks : ascii),
          columns_(std::max<std::size_t>(options.columns, 40)),
          longest_lease_(std::max(timeline.longest_lease(), Duration(1))) {
        for (const Lane& lane : timeline.lanes)
            gutter_ = std::max(gutter_, std::min(width_of(harmless(lane.name)), columns_ / 4) + 2);
        plot_ = columns_ - gutter_;
        name_elections();
    }

    std::string draw() {
        draw_axis();
        for (const Lane& lane : timeline_.lanes)
            draw_lane(lane);
        draw_legend();
        draw_violation();
        return std::move(text_);
    }

private:
    // As the terminal can show it.
    std::string shown(std::string_view words) const {
        std::string text = harmless(words);
        if (options_.unicode) return text;
        std::string ascii_only;
        for (const char byte : text) {
            const auto code = static_cast<unsigned char>(byte);
            if (code < 0x80) ascii_only += byte;
            if (code >= 0xC0) ascii_only += '?';
        }
        return ascii_only;
    }

    // One letter for each election, where there are several.
    void name_elections() {
        if (timeline_.elections.size() < 2) return;
        std::set<char> taken;
        for (const std::string& name : timeline_.elections) {
            std::string choice = name + "abcdefghijklmnopqrstuvwxyz";
            const auto letter = std::ranges::find_if(choice, [&](char each) {
                return each > ' ' && each < 0x7F && !taken.contains(each);
            });
            letters_ += letter == choice.end() ? '?' : *letter;
            taken.insert(letters_.back());
        }
    }

    std::size_t column_of(Duration at) const {
        if (timeline_.length <= Duration::zero()) return 0;
        const double share =
            static_cast<double>(at.count()) / static_cast<double>(timeline_.length.count());
        return std::min(static_cast<std::size_t>(share * static_cast<double>(plot_)), plot_ - 1);
    }
    Duration time_of(std::size_t column) const {
        const auto count = static_cast<Duration::rep>(column);
        return timeline_.length / static_cast<Duration::rep>(plot_) * count;
    }
    Style style_of(const std::string& name) const {
        constexpr std::size_t kinds = colours.size() - election;
        return static_cast<Style>(election + index_of(timeline_, name) % kinds);
    }

    std::vector<Duration> ticks() const {
        std::vector<Duration> all;
        const Duration step = tick_step(timeline_.length, plot_ / 10);
        for (Duration at{}; at <= timeline_.length; at += step)
            all.push_back(at);
        return all;
    }

    void draw_axis() {
        Row labels(plot_);
        Row rule(plot_, {glyphs_.rule, faint});
        std::size_t free_from = 0;
        for (const Duration at : ticks()) {
            const std::string label = short_time(at);
            const std::size_t column = std::min(column_of(at), plot_ - label.size());
            rule[column_of(at)].glyph = glyphs_.tick;
            if (column < free_from) continue;
            write(labels, column, label, faint);
            free_from = column + label.size() + 1;
        }
        add_line("", labels);
        add_line("", rule);
    }

    Row empty_row() const {
        Row row(plot_);
        for (const Duration at : ticks())
            row[column_of(at)] = {glyphs_.grid, faint};
        return row;
    }

    void draw_lane(const Lane& lane) {
        std::vector<Row> rows(lane.leadership_rows(), empty_row());
        for (const LeadershipSpan& span : lane.leaderships)
            draw_bar(rows[span.row], span);
        for (const LeadershipSpan& span : lane.leaderships)
            draw_token(rows[span.row], span);
        const bool has_marks = std::ranges::any_of(
            timeline_.marks, [&](const Mark& each) { return each.who == lane.name; });
        if (rows.empty() || has_marks || !lane.faults.empty()) {
            rows.push_back(empty_row());
            draw_faults(rows.back(), lane);
        }
        for (Row& row : rows) {
            if (timeline_.violation) {
                Cell& cell = row[column_of(timeline_.violation->at)];
                if (cell.is_free) cell = {"!", bad, false};
            }
            add_line(&row == &rows.front() ? shown(lane.name) : "", row);
        }
    }

    void draw_bar(Row& row, const LeadershipSpan& span) const {
        for (std::size_t column = column_of(span.from); column <= column_of(span.to); ++column) {
            const Duration from = std::max(span.from, time_of(column));
            const Duration to = std::min(span.to, time_of(column + 1));
            // It ends where this column begins.
            if (to <= from && column > column_of(span.from)) break;
            const Duration left = span.remaining(from + (std::max(to, from) - from) / 2);
            const auto level = static_cast<std::size_t>(left * 7 / longest_lease_);
            row[column] = {glyphs_.levels[std::min<std::size_t>(level, 6)], style_of(span.election),
                           false};
        }
    }

    // At the bar's beginning, or behind it when it is short.
    void draw_token(Row& row, const LeadershipSpan& span) const {
        std::string label = std::to_string(span.token);
        if (!letters_.empty()) label.insert(0, 1, letters_[index_of(timeline_, span.election)]);
        const std::size_t from = column_of(span.from);
        const std::size_t to = column_of(span.to) + 1;
        if (from + label.size() + 2 <= to) return write(row, from, label, style_of(span.election));
        if (!is_free(row, to, label.size(), row.size())) return;
        write(row, to, label, style_of(span.election));
    }

    // A stretch of a lane in which one fault is seen.
    struct Stretch {
        const FaultSpan* fault = nullptr;
        std::size_t from = 0;
        std::size_t to = 0;
    };

    // Where two overlap, the one that began last is seen.
    std::vector<Stretch> stretches_of(const Lane& lane) const {
        std::vector<const FaultSpan*> seen(plot_, nullptr);
        for (const FaultSpan& span : lane.faults) {
            const std::size_t last = std::max(column_of(span.from) + 1, column_of(span.to));
            for (std::size_t column = column_of(span.from); column < last; ++column)
                seen[column] = &span;
        }
        std::vector<Stretch> stretches;
        for (std::size_t column = 0; column < plot_; ++column) {
            if (seen[column] == nullptr) continue;
            const bool goes_on = column > 0 && seen[column - 1] == seen[column];
            if (!goes_on) stretches.push_back({seen[column], column, column});
            stretches.back().to = column + 1;
        }
        return stretches;
    }

    // Marks come between the fill and the names, which keep off them.
    void draw_faults(Row& row, const Lane& lane) {
        const std::vector<Stretch> stretches = stretches_of(lane);
        for (const Stretch& stretch : stretches) {
            const auto kind = static_cast<std::size_t>(sign_of_fault(stretch.fault->what).kind);
            for (std::size_t column = stretch.from; column < stretch.to; ++column)
                row[column] = {glyphs_.faults[kind], static_cast<Style>(hampered + kind), true};
        }
        draw_marks(row, lane);
        for (const Stretch& stretch : stretches)
            name_fault(row, stretch);
    }

    void name_fault(Row& row, const Stretch& stretch) {
        const std::string& what = stretch.fault->what;
        const FaultSign sign = sign_of_fault(what);
        for (const std::string& name : {shown(what), sign.brief, std::string(1, sign.letter)}) {
            // Where there is room it begins with a sign of its kind.
            for (const std::size_t from : {stretch.from + 1, stretch.from}) {
                if (name.size() == 1 && from > stretch.from) continue;
                if (!is_free(row, from, name.size(), stretch.to)) continue;
                write(row, from, name, row[from].style);
                if (!what.starts_with(name) || name.size() == 1) explain(name, what);
                return;
            }
        }
    }

    static bool is_free(const Row& row, std::size_t from, std::size_t size, std::size_t end) {
        if (from + size > std::min(end, row.size())) return false;
        const auto first = row.begin() + static_cast<std::ptrdiff_t>(from);
        return std::all_of(first, first + static_cast<std::ptrdiff_t>(size),
                           [](const Cell& cell) { return cell.is_free; });
    }

    void draw_marks(Row& row, const Lane& lane) {
        for (const Mark& each : timeline_.marks) {
            if (each.who != lane.name) continue;
            const MarkSign sign = sign_of_mark(each.what);
            write(row, column_of(each.at), std::string(1, sign.letter), mark);
            if (sign.letter == 'N')
                notes_.insert(each.what);
            else
                explain(std::string(1, sign.letter), sign.meaning);
        }
    }

    void explain(const std::string& sign, const std::string& meaning) {
        const std::string words = sign + ' ' + shown(meaning);
        if (std::ranges::find(legend_, words) == legend_.end()) legend_.push_back(words);
    }

    void draw_legend() {
        if (notes_.size() == 1) explain("N", *notes_.begin());
        if (notes_.size() > 1) explain("N", "a note of the program's");
        std::ranges::sort(legend_);
        std::string bars;
        for (const std::size_t level : {6U, 4U, 2U, 0U})
            bars += glyphs_.levels[level];
        std::vector<std::string> items{bars + " leads: what is left of its lease, at most " +
                                       exact_time(timeline_.longest_lease())};
        if (timeline_.elections.empty()) items = {"nobody ever leads"};
        for (std::size_t each = 0; each < letters_.size(); ++each) {
            items.push_back(std::string(1, letters_[each]) + "N token N of " +
                            shown(timeline_.elections[each]));
        }
        if (letters_.empty() && !timeline_.elections.empty()) {
            items.push_back("N token N of " + shown(timeline_.elections.front()));
        }
        add_items({});
        add_items(items);
        if (!legend_.empty()) add_items(legend_);
    }

    void draw_violation() {
        if (!timeline_.violation) return;
        add_items({});
        const std::string words =
            "! " + exact_time(timeline_.violation->at) + "  " + shown(timeline_.violation->what);
        std::vector<std::string> items;
        for (std::size_t from = 0; from < words.size();) {
            const std::size_t to = std::min(words.find(' ', from), words.size());
            items.push_back(words.substr(from, to - from));
            from = to + 1;
        }
        add_items(items, " ", bad);
    }

    // As many on a line as fit.
    void add_items(const std::vector<std::string>& items, const std::string& between = "   ",
                   Style style = plain) {
        std::string line;
        for (const std::string& item : items) {
            const std::size_t width = width_of(line) + between.size() + width_of(item);
            if (!line.empty() && width > columns_) add_text(std::exchange(line, {}), style);
            line += line.empty() ? item : between + item;
        }
        if (!line.empty() || items.empty()) add_text(line, style);
    }

    void add_text(const std::string& line, Style style) {
        Row row;
        for (std::size_t from = 0; from < line.size() && row.size() < columns_;) {
            std::size_t to = from + 1;
            while (to < line.size() && (static_cast<unsigned char>(line[to]) & 0xC0U) == 0x80)
                ++to;
            row.push_back({line.substr(from, to - from), style});
            from = to;
        }
        text_ += painted(row) + '\n';
    }

    void add_line(const std::string& label, const Row& row) {
        Row whole(gutter_);
        std::size_t column = 0;
        for (const char byte : label) {
            const bool begins = (static_cast<unsigned char>(byte) & 0xC0U) != 0x80;
            if (begins && ++column > gutter_ - 2) break;
            if (begins) whole[column - 1].glyph.clear();
            whole[column - 1].glyph += byte;
        }
        whole.insert(whole.end(), row.begin(), row.end());
        text_ += painted(whole) + '\n';
    }

    // Without blanks at the end.
    std::string painted(const Row& row) const {
        const auto last = std::find_if(row.rbegin(), row.rend(),
                                       [](const Cell& cell) { return cell.glyph != " "; });
        std::string line;
        Style now = plain;
        const auto change_to = [&](Style style) {
            if (!options_.colour || style == now) return;
            if (now != plain) line += "\x1b[0m";
            if (style != plain) line.append("\x1b[").append(colours[style]).append("m");
            now = style;
        };
        std::for_each(row.begin(), last.base(), [&](const Cell& cell) {
            change_to(cell.style);
            line += cell.glyph;
        });
        change_to(plain);
        return line;
    }

    const Timeline& timeline_;
    const TerminalOptions& options_;
    const Glyphs& glyphs_;
    std::size_t columns_;
    Duration longest_lease_;
    std::size_t gutter_ = 0;
    std::size_t plot_ = 0;
    std::string letters_;
    std::set<std::string> notes_;
    std::vector<std::string> legend_;
    std::string text_;
};

}  // namespace

std::string to_terminal(const Timeline& timeline, const TerminalOptions& options) {
    return Picture(timeline, options).draw();
}

}  // namespace tenure::sim
