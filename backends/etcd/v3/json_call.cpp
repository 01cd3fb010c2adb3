#include "backends/etcd/v3/json_call.hpp"

#include <utility>

#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {

struct JsonCaller::Signed {
    JsonCall call;
    std::string token{};
    // Etcd did not take the token this time, and whether that has happened before.
    bool was_unknown = false;
    bool is_second = false;
};

JsonCaller::JsonCaller(std::shared_ptr<Caller> caller, std::optional<Credentials> credentials)
    : caller_(std::move(caller)) {
    if (credentials) sign_in_ = std::make_shared<SignIn>(caller_, std::move(*credentials));
}

void JsonCaller::start(JsonCall call) {
    auto asked = std::make_shared<Signed>(Signed{.call = std::move(call)});
    if (!sign_in_) return send(asked);
    sign(asked);
}

void JsonCaller::close() {
    if (sign_in_) sign_in_->close();
    caller_->close();
}

void JsonCaller::sign(const std::shared_ptr<Signed>& asked) {
    sign_in_->token([weak = weak_from_this(), asked](result<std::string> token) {
        const auto self = weak.lock();
        if (!self) return;
        if (!token) return asked->call.fail(token.error());
        asked->token = std::move(*token);
        self->send(asked);
    });
}

void JsonCaller::send(const std::shared_ptr<Signed>& asked) {
    const JsonCall& call = asked->call;
    const auto take = [weak = weak_from_this(),
                       asked](const HttpAnswer& answer) -> std::optional<Error> {
        if (answer.status == 200) return asked->call.take(answer.body);
        Error error = error_of_answer(answer.status, answer.body);
        const auto self = weak.lock();
        if (!self) return error;
        asked->was_unknown = self->sign_in_ && is_about_token(error.detail);
        return self->denial(error, asked->call.wish);
    };
    const auto fail = [weak = weak_from_this(), asked](Error error) {
        const auto self = weak.lock();
        if (!self) return;
        // It has certainly not been done: etcd asks who it is first of all.
        if (!asked->was_unknown || asked->is_second) return asked->call.fail(std::move(error));
        asked->was_unknown = false;
        asked->is_second = true;
        self->sign_in_->forget(asked->token);
        self->sign(asked);
    };
    caller_->start({.question = {.method = Method::post,
                                 .target = call.path,
                                 .body = call.body,
                                 .content_type = "application/json",
                                 .authorization = asked->token},
                    .take = take,
                    .fail = fail,
                    .repeatable = call.repeatable,
                    .only_at = call.only_at,
                    .time_out = call.time_out,
                    .is_urgent = call.is_urgent,
                    .is_linearizable = call.is_linearizable});
}

Error JsonCaller::denial(const Error& error, const std::string& wish) const {
    // It says by itself what is wrong, and that is not the user.
    const bool is_about_certificate = error.detail.find("CommonName") != std::string::npos;
    if (error.code != errc::denied || is_about_certificate) return error;
    if (!sign_in_) return {error.code, "wants a user and a password: it " + error.detail};
    return {error.code,
            "does not permit user '" + sign_in_->user() + "' " + wish + ": it " + error.detail};
}

}  // namespace tenure::etcd::detail::v3
