// The token that etcd gives for a user and a password: asked for once, and again when etcd has
// forgotten it.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/etcd/caller.hpp"

namespace tenure::etcd::detail::v3 {

/// Whether etcd has answered that it does not know our token, or wants one: it has run out, the
/// server was started again, or the users have changed since it was given.
bool is_about_token(std::string_view words);

/// Call its members on the executor, which must run one thing at a time.
class SignIn : public std::enable_shared_from_this<SignIn> {
public:
    /// Empty where etcd asks nobody for a password.
    using Taker = std::function<void(result<std::string> token)>;

    SignIn(std::shared_ptr<Caller> caller, Credentials credentials);

    const std::string& user() const noexcept { return credentials_.user; }
    /// Called once, perhaps within this call, unless the caller is closed first.
    void token(Taker taker);
    /// This one is no good any more. All who have found so get the same new one.
    void forget(const std::string& token);
    /// Nobody is called any more: who waits may hold what holds us.
    void close();

private:
    void ask();
    void answered(const result<std::string>& token);

    std::shared_ptr<Caller> caller_;
    Credentials credentials_;
    std::optional<std::string> token_{};
    std::vector<Taker> waiting_{};
    /// Who was not let in is not asked for again at once: each sign-in costs etcd a bcrypt.
    std::optional<Error> denial_{};
    Clock::time_point denied_until_{};
    bool is_closed_ = false;
};

}  // namespace tenure::etcd::detail::v3
