// What the two kinds of HTTP connection share, in Beast's terms. For the sources that know Beast.
#pragma once

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "backends/etcd/http_connection.hpp"

namespace tenure::etcd::detail {

/// Bounds a buffer that is read into, and with it a head, and what stands around a chunk: of these
/// Beast itself bounds only the first.
constexpr std::size_t most_unread = 128 * 1024;

boost::beast::http::request<boost::beast::http::string_body> to_beast(const HttpQuestion& question,
                                                                      const Peer& peer);
/// "100 Continue" and its like may come before any answer, asked for or not.
bool is_interim(unsigned status);
/// 0 when there is none, or it is no number.
std::int64_t etcd_index_of(const boost::beast::http::fields& headers);
/// What the headers of the v2 API say of it.
Origin origin_of(const boost::beast::http::fields& headers);
/// In words what went wrong; the buffer has what came and was not understood.
Error error_of_http(error_code error, const boost::beast::flat_buffer& buffer);

}  // namespace tenure::etcd::detail
