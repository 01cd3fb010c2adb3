#include "backends/etcd/v3/sign_in.hpp"

#include <utility>

#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {
namespace {

// A thousand candidates that try again by themselves cost no more than one.
constexpr auto pause_after_denial = std::chrono::milliseconds(500);

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != text.npos;
}

}  // namespace

bool is_about_token(std::string_view words) {
    return contains(words, "invalid auth token") || contains(words, "user name is empty") ||
           contains(words, "revision of auth store is old");
}

SignIn::SignIn(std::shared_ptr<Caller> caller, Credentials credentials)
    : caller_(std::move(caller)), credentials_(std::move(credentials)) {}

void SignIn::token(Taker taker) {
    if (is_closed_) return;
    if (token_) return taker(*token_);
    if (denial_ && Clock::now() < denied_until_) return taker(*denial_);
    waiting_.push_back(std::move(taker));
    if (waiting_.size() == 1) ask();
}

void SignIn::forget(const std::string& token) {
    if (token_ == token) token_.reset();
}

void SignIn::close() {
    is_closed_ = true;
    waiting_.clear();
}

void SignIn::ask() {
    const auto take = [weak = weak_from_this()](const HttpAnswer& answer) -> std::optional<Error> {
        const auto self = weak.lock();
        if (!self) return std::nullopt;
        if (answer.status == 200) {
            auto token = decode_token(answer.body);
            if (!token) return token.error();
            self->answered(std::move(token));
            return std::nullopt;
        }
        Error error = error_of_answer(answer.status, answer.body);
        // Whoever has a password gets along with a server that wants none.
        if (contains(error.detail, "authentication is not enabled")) {
            self->answered(std::string());
            return std::nullopt;
        }
        if (error.code == errc::denied) {
            error.detail = "does not let user '" + self->user() + "' in: it " + error.detail;
        }
        return error;
    };
    caller_->start({.question = {.method = Method::post,
                                 .target = "/v3/auth/authenticate",
                                 .body = encode_sign_in(credentials_.user, credentials_.password),
                                 .content_type = "application/json"},
                    .take = take,
                    .fail =
                        [weak = weak_from_this()](const Error& error) {
                            if (const auto self = weak.lock()) self->answered(error);
                        },
                    .is_urgent = true});
}

void SignIn::answered(const result<std::string>& token) {
    denial_.reset();
    if (token) {
        token_ = *token;
    } else if (token.error().code == errc::denied) {
        denial_ = token.error();
        denied_until_ = Clock::now() + pause_after_denial;
    }
    for (const Taker& taker : std::exchange(waiting_, {}))
        taker(token);
}

}  // namespace tenure::etcd::detail::v3
