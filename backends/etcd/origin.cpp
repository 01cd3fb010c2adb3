#include "backends/etcd/origin.hpp"

#include <algorithm>

#include "backends/etcd/endpoints.hpp"
#include "backends/etcd/json_reading.hpp"

namespace tenure::etcd::detail {
namespace {

namespace json = boost::json;

constexpr std::string_view begin_of_header = "\"header\":{";
// It comes first, in a message of a stream after `{"result":`.
constexpr std::size_t furthest = 32;

}  // namespace

// Only the header is read: an answer may be long, and is read elsewhere. What is no header says
// nothing here, and is an error there.
Origin origin_in(std::string_view text) {
    const auto begin = text.substr(0, furthest + begin_of_header.size()).find(begin_of_header);
    if (begin == text.npos) return {};
    const auto end = text.find('}', begin);
    if (end == text.npos) return {};
    const auto brace = begin + begin_of_header.size() - 1;
    const auto origin =
        decode<Origin>(text.substr(brace, end + 1 - brace), [](const json::object& header) {
            return Origin{.cluster = text_in(header, "cluster_id"),
                          .term = number_in(header, "raft_term")};
        });
    return origin ? *origin : Origin{};
}

std::optional<Error> OriginGuard::judge(const Origin& origin, std::int64_t term) {
    if (auto error = judge_local(origin, term)) return error;
    if (cluster_.empty()) cluster_ = origin.cluster;
    newest_term_ = std::max(newest_term_, origin.term);
    return std::nullopt;
}

std::optional<Error> OriginGuard::judge_local(const Origin& origin, std::int64_t term) const {
    if (auto error = judge_cluster(origin)) return error;
    if (origin.term > 0 && origin.term < term) {
        return Error(errc::bad_answer,
                     "answers from before an election of etcd's leader (raft term " +
                         std::to_string(origin.term) + ", and it was " + std::to_string(term) +
                         " already)");
    }
    return std::nullopt;
}

std::optional<Error> OriginGuard::judge_cluster(const Origin& origin) const {
    if (cluster_.empty() || origin.cluster.empty() || origin.cluster == cluster_) {
        return std::nullopt;
    }
    return Error(errc::bad_answer, "belongs to another cluster (" + quote(origin.cluster) +
                                       ", and it was " + quote(cluster_) + ")");
}

}  // namespace tenure::etcd::detail
