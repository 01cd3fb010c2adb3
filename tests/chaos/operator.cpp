#include "tests/chaos/operator.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <stdexcept>
#include <utility>

#include "backends/etcd/base64.hpp"
#include "tests/support/http_get.hpp"

namespace tenure::chaos {
namespace {

using namespace std::chrono_literals;
using boost::json::object;
using etcd::detail::from_base64;
using etcd::detail::to_base64;

// Longer than a good answer takes on a busy machine.
constexpr auto bound = 700ms;

std::int64_t number(const object& fields, const char* name) {
    const auto* const value = fields.if_contains(name);
    if (value == nullptr || !value->is_string()) return 0;
    return std::strtoll(value->as_string().c_str(), nullptr, 10);
}

std::string text(const object& fields, const char* name) {
    const auto* const value = fields.if_contains(name);
    return value == nullptr ? std::string() : std::string(value->as_string());
}

}  // namespace

std::optional<object> Operator::ask(const std::string& path, const object& question) {
    for (std::size_t attempt = 0; attempt < ports_.size(); ++attempt) {
        const auto answer = test::http_send(ports_[current_], "POST", path,
                                            boost::json::serialize(question), bound);
        if (answer && answer->find(" 200 OK\r\n") < answer->find("\r\n\r\n")) {
            boost::system::error_code error;
            auto body = boost::json::parse(answer->substr(answer->find("\r\n\r\n") + 4), error);
            if (!error && body.is_object()) return std::move(body.as_object());
        }
        current_ = (current_ + 1) % ports_.size();
    }
    return std::nullopt;
}

std::optional<Operator::View> Operator::look() {
    const std::string from = election_ + '/';
    const std::string to = election_ + '0';  // the byte after the slash
    const auto answer = ask("/v3/kv/range", {{"key", to_base64(from)},
                                             {"range_end", to_base64(to)},
                                             {"sort_target", "CREATE"},
                                             {"sort_order", "ASCEND"}});
    if (!answer) return std::nullopt;
    const object& header = answer->at("header").as_object();
    View view{number(header, "revision"), number(header, "raft_term"), {}};
    const auto* const kvs = answer->if_contains("kvs");
    if (kvs == nullptr) return view;
    for (const auto& each : kvs->as_array()) {
        const object& kv = each.as_object();
        const auto value = from_base64(text(kv, "value"));
        view.entries.push_back({text(kv, "key"), value.value_or(""), text(kv, "lease"),
                                number(kv, "create_revision")});
    }
    return view;
}

bool Operator::compact(std::int64_t revision) {
    return ask("/v3/kv/compaction", {{"revision", std::to_string(revision)}}).has_value();
}

bool Operator::revoke_lease(const std::string& lease) {
    return ask("/v3/lease/revoke", {{"ID", lease}}).has_value();
}

bool Operator::delete_key(const std::string& key) {
    const auto answer = ask("/v3/kv/deleterange", {{"key", key}});
    return answer && number(*answer, "deleted") == 1;
}

}  // namespace tenure::chaos
