// The readers that all codecs use, one by one, on any JSON; members are read by their names' first
// letters.
#include "backends/etcd/json_reading.hpp"

#include <boost/json/serialize.hpp>

#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail;

namespace {

namespace json = boost::json;

// All that can be read, in words.
std::string read(const json::object& object) {
    std::string seen;
    for (const auto& [name, value] : object) {
        seen += '/';
        if (name.starts_with('n')) seen += std::to_string(number_in(object, name));
        if (name.starts_with('f')) seen += flag_in(object, name) ? "true" : "false";
        if (name.starts_with('t')) seen += text_in(object, name);
        if (name.starts_with('o')) seen += read(object_in(object, name));
        if (name.starts_with('a')) {
            for_each_in(object, name, [&](const json::object& each) { seen += read(each); });
        }
    }
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text = text_of(data, size);
    std::string written;
    const auto look = [&](const json::object& object) -> result<std::string> {
        written = json::serialize(object);
        return read(object);
    };
    const auto seen = decode<std::string>(text, look);
    if (!seen) {
        demand_readable(seen.error());
        demand(seen.error().code == errc::bad_answer, "what cannot be read is a bad answer");
        return 0;
    }
    // Numbers beyond all bounds are read, as nothing that we ask for, and cannot be written; and
    // so is nothing times such a one.
    for (const std::string_view none : {"Infinity", "NaN"})
        if (written.find(none) != std::string::npos) return 0;
    const auto again = decode<std::string>(std::string(written), look);
    demand(again && *again == *seen, "what is written down reads the same");
    return 0;
}
