#include "tests/interop/v2_scene.hpp"

#include <ostream>

#include "tests/interop/node.hpp"

namespace tenure::test {

std::ostream& operator<<(std::ostream& out, Kind kind) {
    return out << (kind == Kind::ours ? "ours" : "theirs");
}

TenureProcess& V2Scene::add(Kind kind, const std::string& name) {
    if (kind == Kind::ours) return Scene::add(name);
    return add(node_command("candidate.js", {etcd_.http_url(), election(), name, "2"}));
}

TenureProcess& V2Scene::add_in_line(Kind kind, const std::string& name) {
    const std::size_t before = list().size();
    TenureProcess& candidate = add(kind, name);
    await_line(before + 1);
    return candidate;
}

std::vector<boost::json::object> V2Scene::list() const {
    std::vector<boost::json::object> lines;
    for (const V2Entry& entry : read_directory(etcd_, election())) {
        lines.push_back({{"position", lines.size() + 1},
                         {"candidate", entry.value},
                         {"token", entry.created},
                         {"key", entry.key}});
    }
    return lines;
}

}  // namespace tenure::test
