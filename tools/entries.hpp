// What the store says of an election's entries, asked once and waited for.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <string>
#include <tenure/key_store.hpp>

namespace tenure::command {

/// As etcd's own tools print leases.
std::string hexadecimal(LeaseId id);

/// One entry as `--json` shows it.
std::string json_of(const Entry& entry, std::size_t position);

/// Runs the context until the store has answered, which it does in a bounded time. `call` is given
/// the reply.
template <class T, class Call>
result<T> ask(boost::asio::io_context& context, Call&& call) {
    std::optional<result<T>> answer;
    context.restart();
    const auto waiting = boost::asio::make_work_guard(context);
    call(Reply<T>([&](result<T> given) {
        boost::asio::post(context, [&, given] {
            answer = given;
            context.stop();
        });
    }));
    context.run();
    return *answer;
}

/// Says on standard error what the store could not do, and gives the code to exit with.
int say_unusable(const std::string& command, const std::string& store, const Error& error);

}  // namespace tenure::command
