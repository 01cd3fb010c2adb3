#include "tests/chaos/arguments.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace tenure::chaos {

Arguments::Arguments(int count, char** words, Known known) : values_(std::move(known)) {
    for (int index = 1; index < count; index += 2) {
        const std::string word = words[index];
        const std::string name = word.starts_with("--") ? word.substr(2) : "";
        const auto value = values_.find(name);
        if (value == values_.end()) throw std::invalid_argument("unknown argument '" + word + "'");
        if (index + 1 == count) throw std::invalid_argument(word + " needs a value");
        value->second = words[index + 1];
        if (value->second.empty()) throw std::invalid_argument(word + " must not be empty");
    }
    for (const auto& [name, value] : values_) {
        if (value.empty()) throw std::invalid_argument("--" + name + " is missing");
    }
}

std::uint64_t Arguments::number(const std::string& name) const {
    const std::string& words = text(name);
    std::uint64_t value = 0;
    const char* const end = words.data() + words.size();
    const auto read = std::from_chars(words.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end) return value;
    throw std::invalid_argument("--" + name + " must be a whole number, and is '" + words + "'");
}

double Arguments::quantity(const std::string& name, double most) const {
    const std::string& words = text(name);
    char* end = nullptr;
    const double value = std::strtod(words.c_str(), &end);
    const bool is_number = end == words.c_str() + words.size() && std::isfinite(value);
    if (is_number && value > 0 && value <= most) return value;
    throw std::invalid_argument("--" + name + " must be a number above 0 and at most " +
                                std::to_string(static_cast<long>(most)) + ", and is '" + words +
                                "'");
}

}  // namespace tenure::chaos
