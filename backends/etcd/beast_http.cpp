#include "backends/etcd/beast_http.hpp"

#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <limits>

#include "backends/etcd/connect.hpp"

namespace tenure::etcd::detail {
namespace {

namespace http = boost::beast::http;

http::verb verb_of(Method method) {
    switch (method) {
        case Method::get: return http::verb::get;
        case Method::put: return http::verb::put;
        case Method::post: return http::verb::post;
        case Method::del: return http::verb::delete_;
    }
    return http::verb::get;
}

bool is_not_http(error_code error) {
    return error.category() == make_error_code(http::error::bad_version).category() &&
           error != http::error::end_of_stream && error != http::error::partial_message;
}

}  // namespace

http::request<http::string_body> to_beast(const HttpQuestion& question, const Peer& peer) {
    http::request<http::string_body> request{verb_of(question.method), question.target, 11,
                                             question.body};
    request.set(http::field::host, to_string(peer.endpoint));
    if (!question.content_type.empty()) {
        request.set(http::field::content_type, question.content_type);
    }
    const std::string& authorization =
        question.authorization.empty() ? peer.authorization : question.authorization;
    if (!authorization.empty()) request.set(http::field::authorization, authorization);
    if (question.needs_leader) request.set("Grpc-Metadata-Hasleader", "true");
    request.prepare_payload();
    return request;
}

bool is_interim(unsigned status) {
    constexpr unsigned switching_protocols = 101;
    return status / 100 == 1 && status != switching_protocols;
}

std::int64_t etcd_index_of(const http::fields& headers) {
    const auto text = headers["X-Etcd-Index"];
    std::int64_t index = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    // A watch begins at the next one: there must be one.
    const bool has_next = index < std::numeric_limits<std::int64_t>::max();
    return is_number && index > 0 && has_next ? index : 0;
}

Origin origin_of(const http::fields& headers) {
    const auto text = headers["X-Raft-Term"];
    std::int64_t term = 0;
    std::from_chars(text.data(), text.data() + text.size(), term);
    return {.cluster = std::string(headers["X-Etcd-Cluster-Id"]), .term = term};
}

Error error_of_http(error_code error, const boost::beast::flat_buffer& buffer) {
    if (error == http::error::end_of_stream) {
        return {errc::unreachable, "closed the connection without an answer"};
    }
    if (error == http::error::partial_message) {
        return {errc::unreachable, "broke off in the middle of the answer"};
    }
    if (error == http::error::body_limit) {
        return {errc::bad_answer, "sends an answer without an end"};
    }
    if (!is_not_http(error)) return error_of_transport(error);
    return {errc::bad_answer, "answered " + quote(boost::beast::buffers_to_string(buffer.data())) +
                                  ", which is not HTTP: " + error.message()};
}

}  // namespace tenure::etcd::detail
