#include "tests/fuzz/answers.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "backends/etcd/base64.hpp"
#include "tests/fuzz/check.hpp"

namespace tenure::fuzz {
namespace {

namespace json = boost::json;
namespace v2 = etcd::detail::v2;
namespace v3 = etcd::detail::v3;
using etcd::detail::to_base64;

json::object to_json(const v3::KeyValue& entry) {
    return {{"key", to_base64(entry.key)},
            {"value", to_base64(entry.value)},
            {"create_revision", std::to_string(entry.create_revision)},
            {"mod_revision", std::to_string(entry.mod_revision)},
            {"lease", std::to_string(entry.lease)}};
}

json::object to_json(const v3::Event& event) {
    json::object object{{"kv", to_json(event.entry)}};
    if (event.removed) object["type"] = "DELETE";
    if (event.previous) object["prev_kv"] = to_json(*event.previous);
    return object;
}

json::object header(std::int64_t revision) {
    return {{"revision", std::to_string(revision)}};
}

json::object to_json(const v2::Node& node) {
    json::object object{{"key", node.key},
                        {"value", node.value},
                        {"createdIndex", node.created},
                        {"modifiedIndex", node.modified},
                        {"ttl", node.ttl}};
    if (node.is_directory) object["dir"] = true;
    return object;
}

}  // namespace

std::string print(const v3::TransactionAnswer& answer) {
    json::array responses;
    for (const v3::RangeAnswer& operation : answer.operations) {
        json::array entries;
        for (const v3::KeyValue& entry : operation.entries)
            entries.push_back(to_json(entry));
        json::object range{{"count", std::to_string(operation.count)}, {"kvs", std::move(entries)}};
        responses.push_back(json::object{{"response_range", std::move(range)}});
    }
    return json::serialize(json::object{{"header", header(answer.revision)},
                                        {"succeeded", answer.succeeded},
                                        {"responses", std::move(responses)}});
}

std::string print(const v3::LeaseAnswer& answer) {
    return json::serialize(json::object{{"ID", std::to_string(answer.id)},
                                        {"TTL", std::to_string(answer.ttl_seconds)}});
}

std::string print(const v3::WatchAnswer& answer) {
    json::array events;
    for (const v3::Event& event : answer.events)
        events.push_back(to_json(event));
    return json::serialize(
        json::object{{"header", header(answer.revision)},
                     {"watch_id", std::to_string(answer.id)},
                     {"created", answer.created},
                     {"canceled", answer.canceled},
                     {"compact_revision", std::to_string(answer.compact_revision)},
                     {"cancel_reason", answer.cancel_reason},
                     {"events", std::move(events)}});
}

std::string in_stream(const std::string& answer) {
    return R"({"result":)" + answer + '}';
}

std::string print(const v2::Answer& answer) {
    json::object node = to_json(answer.node);
    json::array children;
    for (const v2::Node& child : answer.children)
        children.push_back(to_json(child));
    node["nodes"] = std::move(children);
    json::object object{{"action", answer.action}, {"node", std::move(node)}};
    if (answer.previous) object["prevNode"] = to_json(*answer.previous);
    return json::serialize(object);
}

void demand_revision(std::int64_t revision) {
    demand(revision >= 0, "a revision is not negative");
    demand(revision < std::numeric_limits<std::int64_t>::max(), "a revision has a next one");
}

void demand_sound(const v3::KeyValue& entry) {
    demand_revision(entry.create_revision);
    demand_revision(entry.mod_revision);
}

}  // namespace tenure::fuzz
