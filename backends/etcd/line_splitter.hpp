// A stream of bytes as lines.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace tenure::etcd::detail {

class LineSplitter {
public:
    explicit LineSplitter(std::size_t longest) : longest_(longest) {}

    /// Calls `take` with each line that this completes, without its end; blank ones are left out,
    /// and a carriage return at the end is not part of a line. False when one is too long.
    /// Whatever `take` does, it must not let go of this.
    bool feed(std::string_view bytes, const std::function<void(std::string_view)>& take) {
        for (auto end = bytes.find('\n'); end != bytes.npos; end = bytes.find('\n')) {
            if (begun_.size() + end > longest_) return false;
            begun_.append(bytes.substr(0, end));
            bytes.remove_prefix(end + 1);
            std::string line = std::move(begun_);
            begun_.clear();
            if (line.ends_with('\r')) line.pop_back();
            if (!line.empty()) take(line);
        }
        begun_.append(bytes);
        return begun_.size() <= longest_;
    }

private:
    std::size_t longest_;
    std::string begun_;
};

}  // namespace tenure::etcd::detail
