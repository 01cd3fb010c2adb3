// An operator's view of etcd and hand on it: plain requests to its members, past the lines of the
// candidates and past the library's own store.
#pragma once

#include <boost/json/object.hpp>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tenure::chaos {

class Operator {
public:
    /// `ports`: of the members, which are asked in turn until one answers.
    Operator(std::vector<std::uint16_t> ports, std::string election)
        : ports_(std::move(ports)), election_(std::move(election)) {}

    struct Entry {
        /// As etcd's JSON has it: base64.
        std::string key;
        std::string value;
        /// A number, as text.
        std::string lease;
        std::int64_t created = 0;
    };
    struct View {
        std::int64_t revision = 0;
        /// Of etcd's own election.
        std::int64_t term = 0;
        /// In the order of the line.
        std::vector<Entry> entries;
    };

    /// A linearizable read; empty when no member answers it.
    std::optional<View> look();
    /// Each: whether etcd says that it is done. It may be done even if it does not.
    bool compact(std::int64_t revision);
    bool revoke_lease(const std::string& lease);
    bool delete_key(const std::string& key);

private:
    std::optional<boost::json::object> ask(const std::string& path,
                                           const boost::json::object& question);

    std::vector<std::uint16_t> ports_;
    std::string election_;
    std::size_t current_ = 0;
};

}  // namespace tenure::chaos
