// A unary call of the JSON gateway: a POST of JSON, and 200 with JSON when it worked; signed with
// a token where there is a user.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "backends/etcd/caller.hpp"
#include "backends/etcd/v3/sign_in.hpp"

namespace tenure::etcd::detail::v3 {

/// As `Call`, of which it is a kind.
struct JsonCall {
    std::string path;
    std::string body;
    /// Takes the body of a good answer, or says why it is none.
    std::function<std::optional<Error>(std::string_view body)> take;
    std::function<void(Error)> fail;
    /// What a user has to be permitted: `to read keys below 'a/'`.
    std::string wish = "to do this";
    bool repeatable = true;
    std::optional<std::size_t> only_at{};
    std::optional<std::chrono::milliseconds> time_out{};
    bool is_urgent = false;
    bool is_linearizable = true;
};

/// Call its members on the executor, which must run one thing at a time.
class JsonCaller : public std::enable_shared_from_this<JsonCaller> {
public:
    /// Without credentials it signs nothing.
    JsonCaller(std::shared_ptr<Caller> caller, std::optional<Credentials> credentials);

    void start(JsonCall call);
    /// None without credentials.
    const std::shared_ptr<SignIn>& sign_in() const noexcept { return sign_in_; }
    /// Says who may not do what, where etcd's own words do not.
    Error denial(const Error& error, const std::string& wish) const;
    /// Closes everything; nothing is called any more.
    void close();

private:
    struct Signed;
    void sign(const std::shared_ptr<Signed>& call);
    void send(const std::shared_ptr<Signed>& call);

    std::shared_ptr<Caller> caller_;
    std::shared_ptr<SignIn> sign_in_{};
};

}  // namespace tenure::etcd::detail::v3
