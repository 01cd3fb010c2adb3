// What happens in a simulated world, in the words that `--json` has for the real one.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <tenure/simulation/trace.hpp>

namespace tenure::command {

/// Virtual time as if it had begun with 1970: "1970-01-01T00:00:12.345678Z".
std::string virtual_stamp(Duration at);
/// docs/command.md gives the fields.
boost::json::object json_of(const sim::TraceEvent& event);

}  // namespace tenure::command
