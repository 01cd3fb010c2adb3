// What nearly every source of the library includes, compiled once.
#pragma once

#include <algorithm>
#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/signals2/signal.hpp>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <ostream>
#include <tenure/tenure.hpp>
#include <variant>
#include <vector>
