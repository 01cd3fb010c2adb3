// What a program of the chaos is told: pairs of `--name value`, all of which are needed but those
// that come with a value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace tenure::chaos {

class Arguments {
public:
    using Known = std::map<std::string, std::string>;

    /// `known`: the names, each with its value when it is not given; an empty one is needed.
    /// Throws std::invalid_argument that says what is wrong.
    Arguments(int count, char** words, Known known);

    const std::string& text(const std::string& name) const { return values_.at(name); }
    /// A whole number, at least 0. Throws as the constructor does.
    std::uint64_t number(const std::string& name) const;
    /// A number above 0 and at most `most`, with a fraction if need be. Throws the same way.
    double quantity(const std::string& name, double most) const;

private:
    Known values_;
};

}  // namespace tenure::chaos
