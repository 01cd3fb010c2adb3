// A timeline as an SVG document of its own: no script, no font or style from elsewhere.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "backends/simulation/drawing.hpp"

namespace tenure::sim {
namespace {

using namespace detail;

// All in pixels, when it is shown at its own size.
constexpr double width = 1240;
constexpr double left_edge = 120;
constexpr double right_edge = width - 24;
constexpr double bar_height = 24;
constexpr double strip_height = 16;
constexpr double gap = 3;
constexpr double padding = 7;
/// Of a letter in the small font, on average; generous, so that nothing runs over its end.
constexpr double letter = 6.4;

// Colours are written out for each mode: not all that show SVG know variables.
constexpr std::string_view style_sheet = R"(
  text { font: 12px system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: #1f2328; }
  .title { font-size: 17px; font-weight: 600; }
  .name { font-size: 14px; font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .label { font-size: 11px; }
  .token { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: #ffffff;
           stroke-width: 3px; stroke-linejoin: round; }
  .page { fill: #ffffff; }
  .lane { fill: #f6f8fa; }
  .grid { stroke: #d1d9e0; stroke-width: 1; }
  .held { fill-opacity: 0.22; }
  .e0 { fill: #2f7fd1; } .e1 { fill: #2a9d5b; } .e2 { fill: #d9730d; } .e3 { fill: #8a5cd6; }
  .shade { fill-opacity: 0.13; }
  .hampered { fill: #a8b1bb; } .cut { fill: #e6b422; } .stopped { fill: #c58bb0; }
  .mark { fill: #1f2328; }
  .bad { fill: #cf222e; font-weight: 600; } .bad-line { stroke: #cf222e; stroke-width: 2; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .small { fill: #9da7b3; }
    .token { stroke: #0d1117; }
    .page { fill: #0d1117; }
    .lane { fill: #161b22; }
    .grid { stroke: #30363d; }
    .held { fill-opacity: 0.3; }
    .e0 { fill: #4493f8; } .e1 { fill: #3fb950; } .e2 { fill: #e3802b; } .e3 { fill: #ab7df8; }
    .shade { fill-opacity: 0.16; }
    .hampered { fill: #59636e; } .cut { fill: #8a6a10; } .stopped { fill: #83486e; }
    .mark { fill: #e6edf3; }
    .bad { fill: #ff7b72; } .bad-line { stroke: #ff7b72; }
  }
)";
constexpr std::size_t election_colours = 4;
constexpr std::array<const char*, 3> fault_classes{"hampered", "cut", "stopped"};

std::string escaped(std::string_view text) {
    std::string safe;
    for (const char byte : harmless(text)) {
        switch (byte) {
            case '&': safe += "&amp;"; break;
            case '<': safe += "&lt;"; break;
            case '>': safe += "&gt;"; break;
            case '"': safe += "&quot;"; break;
            default: safe += byte;
        }
    }
    return safe;
}

// To a tenth, by hand: no locale may put a comma into it.
std::string number(double value) {
    const long long tenths = std::llround(value * 10);
    std::string text = std::to_string(std::abs(tenths) / 10);
    if (tenths % 10 != 0) text += '.' + std::to_string(std::abs(tenths) % 10);
    return tenths < 0 ? '-' + text : text;
}

std::string period(Duration from, Duration to) {
    return exact_time(from) + " to " + exact_time(to) + " (" + exact_time(to - from) + ")";
}

struct Box {
    double x, y, width, height;
};

class Document {
public:
    Document(const Timeline& timeline, const std::string& title)
        : timeline_(timeline),
          title_(title),
          longest_lease_(std::max(timeline.longest_lease(), Duration(1))) {}

    std::string write() {
        text(16, 28, "title", title_);
        draw_legend(50);
        y_ = 84;
        draw_axis();
        for (const Lane& lane : timeline_.lanes)
            draw_lane(lane);
        draw_violation();
        const std::string size = number(width) + " " + number(y_ + 12);
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 " + size +
               "\" width=\"" + number(width) + "\" height=\"" + number(y_ + 12) + "\">\n<title>" +
               escaped(title_) + "</title>\n<style>" + std::string(style_sheet) +
               "</style>\n<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n" + body_ +
               "</svg>\n";
    }

private:
    double x_of(Duration at) const {
        if (timeline_.length <= Duration::zero()) return left_edge;
        const double share =
            static_cast<double>(at.count()) / static_cast<double>(timeline_.length.count());
        return left_edge + share * (right_edge - left_edge);
    }
    std::string election_class(const std::string& election) const {
        return "e" + std::to_string(index_of(timeline_, election) % election_colours);
    }
    static std::string fault_class(const std::string& fault) {
        return fault_classes[static_cast<std::size_t>(sign_of_fault(fault).kind)];
    }

    void text(double x, double y, const std::string& name, const std::string& words,
              const std::string& more = {}) {
        body_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + name + "\"" +
                 more + ">" + escaped(words) + "</text>\n";
    }
    void rectangle(const Box& box, const std::string& name, const std::string& tip = {}) {
        body_ += "<rect x=\"" + number(box.x) + "\" y=\"" + number(box.y) + "\" width=\"" +
                 number(box.width) + "\" height=\"" + number(box.height) + "\" class=\"" + name +
                 "\"";
        body_ += tip.empty() ? "/>\n" : "><title>" + escaped(tip) + "</title></rect>\n";
    }
    void line(double x, double top, double bottom, const std::string& name) {
        body_ += "<line x1=\"" + number(x) + "\" y1=\"" + number(top) + "\" x2=\"" + number(x) +
                 "\" y2=\"" + number(bottom) + "\" class=\"" + name + "\"/>\n";
    }
    void diamond(double x, double y, const std::string& tip) {
        body_ += "<path d=\"M" + number(x) + " " + number(y - 5) + "l5 5l-5 5l-5 -5z\" " +
                 "class=\"mark\"><title>" + escaped(tip) + "</title></path>\n";
    }

    void draw_legend(double y) {
        double x = 16;
        const auto item = [&](const std::string& name, const std::string& words) {
            rectangle({x, y - 10, 14, 12}, name);
            text(x + 19, y, "label", words);
            x += 19 + letter * static_cast<double>(width_of(words)) + 16;
        };
        for (const std::string& election : timeline_.elections)
            item(election_class(election), "leads " + harmless(election));
        item("cut", "cut off");
        item("hampered", "slow or lossy line");
        item("stopped", "does not run");
        diamond(x + 7, y - 4, "");
        text(x + 19, y, "label", "happens at once");
        if (timeline_.elections.empty()) return;
        const std::string height =
            "A bar is as high as what is left of its lease; at full height " +
            exact_time(timeline_.longest_lease()) + ". The number is its token.";
        text(right_edge, y, "small", height, " text-anchor=\"end\"");
    }

    void draw_axis() {
        const Duration step = tick_step(timeline_.length, 12);
        double bottom = y_ + 8;
        for (const Lane& lane : timeline_.lanes)
            bottom += height_of(lane) + gap;
        for (const Lane& lane : timeline_.lanes) {
            rectangle({0, y_ + 8 + offset_of(lane), width, height_of(lane)}, "lane");
        }
        for (Duration at{}; at <= timeline_.length; at += step) {
            line(x_of(at), y_ + 3, bottom, "grid");
            text(x_of(at), y_ - 2, "small", short_time(at), " text-anchor=\"middle\"");
        }
        y_ += 8;
    }

    double offset_of(const Lane& wanted) const {
        double offset = 0;
        for (const Lane& lane : timeline_.lanes) {
            if (&lane == &wanted) break;
            offset += height_of(lane) + gap;
        }
        return offset;
    }

    bool has_marks(const Lane& lane) const {
        return std::ranges::any_of(timeline_.marks,
                                   [&](const Mark& mark) { return mark.who == lane.name; });
    }
    double height_of(const Lane& lane) const {
        const auto strips = lane.fault_rows() + (has_marks(lane) ? 1 : 0);
        const double rows = static_cast<double>(lane.leadership_rows()) * (bar_height + gap) +
                            static_cast<double>(strips) * (strip_height + gap);
        return 2 * padding + std::max(rows - gap, 28.0);
    }

    void draw_lane(const Lane& lane) {
        const double height = height_of(lane);
        // A long name is squeezed, not cut: it may end in what tells it from the next.
        const bool is_long = width_of(harmless(lane.name)) > 11;
        const std::string squeeze =
            is_long ? " textLength=\"96\" lengthAdjust=\"spacingAndGlyphs\"" : "";
        text(16, y_ + padding + 14, "name", lane.name, squeeze);
        if (lane.clock_rate != 0) text(16, y_ + padding + 28, "small", rate_of(lane));
        for (const FaultSpan& fault : lane.faults) {
            const double x = x_of(fault.from);
            rectangle({x, y_, x_of(fault.to) - x, height}, "shade " + fault_class(fault.what));
        }
        double top = y_ + padding;
        for (const LeadershipSpan& span : lane.leaderships)
            draw_bar(span, top + static_cast<double>(span.row) * (bar_height + gap), lane.name);
        top += static_cast<double>(lane.leadership_rows()) * (bar_height + gap);
        for (const FaultSpan& fault : lane.faults)
            draw_fault(fault, top + static_cast<double>(fault.row) * (strip_height + gap), lane);
        top += static_cast<double>(lane.fault_rows()) * (strip_height + gap);
        draw_marks(lane, top);
        y_ += height + gap;
    }

    // As percent, to a hundredth.
    static std::string rate_of(const Lane& lane) {
        const std::int64_t hundredths = std::abs(lane.clock_rate) / 100;
        std::string fraction = std::to_string(hundredths % 100);
        fraction.insert(0, 2 - fraction.size(), '0');
        return std::string("clock ") + (lane.clock_rate < 0 ? "\u2212" : "+") +
               std::to_string(hundredths / 100) + "." + fraction + " %";
    }

    void draw_bar(const LeadershipSpan& span, double top, const std::string& who) {
        const double from = x_of(span.from);
        const double length = std::max(x_of(span.to) - from, 1.5);
        const std::string name = election_class(span.election);
        rectangle({from, top, length, bar_height}, "held " + name);
        const std::string token = std::to_string(span.token);
        body_ += "<path d=\"" + saw_tooth(span, top) + "\" class=\"" + name + "\"><title>" +
                 escaped(who + " leads " + span.election + " with token " + token + ", " +
                         period(span.from, span.to)) +
                 "</title></path>\n";
        for (const std::string& words : {harmless(span.election) + " " + token, token}) {
            if (letter * static_cast<double>(width_of(words)) + 8 > length) continue;
            return text(from + 5, top + 16, "token", words, " pointer-events=\"none\"");
        }
    }

    // What is left falls with time, and jumps up each time that the lease is extended.
    std::string saw_tooth(const LeadershipSpan& span, double top) const {
        const double bottom = top + bar_height;
        const auto point = [&](Duration at, Duration left) {
            const double share = static_cast<double>(std::max(left, Duration::zero()).count()) /
                                 static_cast<double>(longest_lease_.count());
            return "L" + number(x_of(at)) + " " + number(bottom - share * bar_height);
        };
        std::string path = "M" + number(x_of(span.from)) + " " + number(bottom);
        for (std::size_t each = 0; each < span.leases.size(); ++each) {
            const LeaseMark& lease = span.leases[each];
            const bool last = each + 1 == span.leases.size();
            const Duration end = last ? span.to : span.leases[each + 1].at;
            path += point(lease.at, lease.until - lease.at) + point(end, lease.until - end);
        }
        return path + "L" + number(x_of(span.to)) + " " + number(bottom) + "z";
    }

    // Its name stands in it, or else behind it if nothing else does; at last it is cut short.
    void draw_fault(const FaultSpan& fault, double top, const Lane& lane) {
        const double from = x_of(fault.from);
        const double length = std::max(x_of(fault.to) - from, 1.5);
        // A little shorter, so that two in a row do not look like one.
        rectangle({from, top, std::max(length - 1, 1.5), strip_height}, fault_class(fault.what),
                  lane.name + ": " + fault.what + ", " + period(fault.from, fault.to));
        double free_to = right_edge;
        for (const FaultSpan& other : lane.faults) {
            if (other.row == fault.row && other.from >= fault.to && &other != &fault) {
                free_to = std::min(free_to, x_of(other.from));
            }
        }
        const double behind = free_to - from - length;
        for (const std::string& words : {harmless(fault.what), sign_of_fault(fault.what).brief}) {
            const double space = letter * static_cast<double>(width_of(words)) + 8;
            if (space > std::max(length, behind)) continue;
            const double x = space > length ? from + length : from;
            return text(x + 4, top + 12, "label", words, " pointer-events=\"none\"");
        }
    }

    // In words where they fit before the next one.
    void draw_marks(const Lane& lane, double top) {
        std::vector<const Mark*> own;
        for (const Mark& mark : timeline_.marks) {
            if (mark.who == lane.name) own.push_back(&mark);
        }
        for (std::size_t each = 0; each < own.size(); ++each) {
            const Mark& mark = *own[each];
            const double x = x_of(mark.at);
            const double end = each + 1 < own.size() ? x_of(own[each + 1]->at) - 6 : right_edge;
            diamond(x, top + strip_height / 2, exact_time(mark.at) + ": " + mark.what);
            for (const std::string& words : {harmless(mark.what), sign_of_mark(mark.what).brief}) {
                if (x + 9 + letter * static_cast<double>(width_of(words)) > end) continue;
                text(x + 9, top + 12, "label", words);
                break;
            }
        }
    }

    void draw_violation() {
        if (!timeline_.violation) return;
        const Mark& violation = *timeline_.violation;
        line(x_of(violation.at), 84, y_, "bad-line");
        y_ += 18;
        text(16, y_, "bad", exact_time(violation.at) + "  " + violation.what);
    }

    const Timeline& timeline_;
    const std::string& title_;
    Duration longest_lease_;
    double y_ = 0;
    std::string body_;
};

}  // namespace

std::string to_svg(const Timeline& timeline, const std::string& title) {
    return Document(timeline, title).write();
}

}  // namespace tenure::sim
