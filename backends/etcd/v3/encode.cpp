// Requests as JSON. 64-bit numbers travel as strings: JSON's own lose bits beyond 2^53.
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "backends/etcd/base64.hpp"
#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

namespace json = boost::json;

void put_number(json::object& object, std::string_view name, std::int64_t number) {
    if (number != 0) object[name] = std::to_string(number);
}

void put_bytes(json::object& object, std::string_view name, std::string_view bytes) {
    if (!bytes.empty()) object[name] = to_base64(bytes);
}

json::object to_json(const Range& range) {
    json::object object;
    put_bytes(object, "key", range.key);
    put_bytes(object, "range_end", range.range_end);
    put_number(object, "revision", range.revision);
    put_number(object, "limit", range.limit);
    put_number(object, "max_create_revision", range.max_create_revision);
    if (range.sort != Range::Sort::none) {
        object["sort_target"] = range.sort == Range::Sort::last_changed_first ? "MOD" : "CREATE";
        object["sort_order"] = range.sort == Range::Sort::oldest_first ? "ASCEND" : "DESCEND";
    }
    if (range.count_only) object["count_only"] = true;
    if (range.keys_only) object["keys_only"] = true;
    return {{"request_range", std::move(object)}};
}

json::object to_json(const Put& put) {
    json::object object;
    put_bytes(object, "key", put.key);
    put_bytes(object, "value", put.value);
    put_number(object, "lease", put.lease);
    return {{"request_put", std::move(object)}};
}

json::object to_json(const Delete& removal) {
    json::object object;
    put_bytes(object, "key", removal.key);
    return {{"request_delete_range", std::move(object)}};
}

json::array to_json(const std::vector<Operation>& operations) {
    json::array array;
    for (const Operation& operation : operations) {
        array.emplace_back(std::visit([](const auto& each) { return to_json(each); }, operation));
    }
    return array;
}

}  // namespace

std::string encode(const Transaction& transaction) {
    json::object object;
    if (transaction.condition) {
        json::object compare{{"target", "CREATE"}, {"result", "EQUAL"}};
        put_bytes(compare, "key", transaction.condition->key);
        // Spelled out even when it is zero: it chooses what is compared.
        compare["create_revision"] = std::to_string(transaction.condition->create_revision);
        object["compare"] = json::array{std::move(compare)};
    }
    object["success"] = to_json(transaction.then);
    if (!transaction.otherwise.empty()) object["failure"] = to_json(transaction.otherwise);
    return json::serialize(object);
}

std::string encode(const WatchRequest& request) {
    json::object create{{"prev_kv", true}};
    put_bytes(create, "key", request.key);
    put_bytes(create, "range_end", request.range_end);
    put_number(create, "watch_id", request.id);
    put_number(create, "start_revision", request.start_revision);
    return json::serialize(json::object{{"create_request", std::move(create)}});
}

std::string encode_watch_cancel(std::int64_t id) {
    json::object cancel{{"watch_id", std::to_string(id)}};
    return json::serialize(json::object{{"cancel_request", std::move(cancel)}});
}

std::string encode_lease_grant(std::int64_t ttl_seconds) {
    return json::serialize(json::object{{"TTL", std::to_string(ttl_seconds)}});
}

std::string encode_lease_id(std::int64_t id) {
    return json::serialize(json::object{{"ID", std::to_string(id)}});
}

std::string encode_sign_in(const std::string& user, const std::string& password) {
    return json::serialize(json::object{{"name", user}, {"password", password}});
}

}  // namespace tenure::etcd::detail::v3
