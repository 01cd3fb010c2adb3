// What nearly every source of the etcd backend includes, compiled once. Beast is not here: two
// sources need it, and it would slow down all the others.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <deque>
#include <functional>
#include <map>
#include <tenure/etcd.hpp>
#include <variant>
#include <vector>
