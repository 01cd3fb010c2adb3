#include "tools/entries.hpp"

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <cinttypes>
#include <cstdio>
#include <tenure/open_store.hpp>

#include "tools/commands.hpp"
#include "tools/text.hpp"

namespace tenure::command {

std::string hexadecimal(LeaseId id) {
    std::array<char, 20> text{};
    std::snprintf(text.data(), text.size(), "%" PRIx64, static_cast<std::uint64_t>(to_integer(id)));
    return text.data();
}

std::string json_of(const Entry& entry, std::size_t position) {
    boost::json::object fields;
    fields["position"] = position;
    fields["candidate"] = well_formed(entry.value);
    fields["token"] = to_integer(entry.created);
    fields["lease"] = hexadecimal(entry.lease);
    fields["key"] = well_formed(entry.key);
    return boost::json::serialize(fields);
}

int say_unusable(const std::string& command, const std::string& store, const Error& error) {
    std::fprintf(stderr, "tenure %s: %s: %s\n", command.c_str(),
                 printable(without_password(store)).c_str(), printable(error.message()).c_str());
    return final_exit_code(error.code).value_or(exit_code::store_unusable);
}

}  // namespace tenure::command
