#include "backends/etcd/v3/watch_stream.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace tenure::etcd::detail::v3 {

WatchStream::WatchStream(WatchedPeer peer, const WatchRequest& request, Handlers handlers)
    : peer_(std::move(peer)), request_(request), handlers_(std::move(handlers)) {}

void WatchStream::open() {
    if (!peer_.sign_in) return start({});
    peer_.sign_in->token([weak = weak_from_this()](const result<std::string>& token) {
        const auto self = weak.lock();
        if (!self || self->is_over_) return;
        if (token) return self->start(*token);
        // Not within the call that opens it.
        boost::asio::post(self->peer_.executor, [weak, error = token.error()] {
            if (const auto alive = weak.lock()) alive->not_signed_in(error);
        });
    });
}

void WatchStream::not_signed_in(const Error& error) {
    if (is_over_ || error.code != errc::denied) return fail(error);
    const auto self = shared_from_this();
    close();
    handlers_.answer(
        {.id = request_.id, .canceled = true, .not_let_in = error, .is_own_word = true});
}

void WatchStream::close() {
    is_over_ = true;
    if (http_) std::exchange(http_, nullptr)->close();
}

void WatchStream::start(const std::string& token) {
    token_ = token;
    // `this` is safe: close() comes before our end, and silences the stream.
    http_ = open_http_stream(peer_.executor, peer_.peer,
                             {.method = Method::post,
                              .target = "/v3/watch",
                              .body = encode(request_),
                              .content_type = "application/json",
                              .authorization = token_,
                              .needs_leader = true},
                             Clock::now() + peer_.time,
                             {.line = [this](std::string_view text) { received(text); },
                              .refused = [this](const HttpAnswer& answer) { refused(answer); },
                              .broken = [this](const Error& error) { fail(error); }});
}

void WatchStream::received(std::string_view text) {
    // What we call may let go of us.
    const auto self = shared_from_this();
    auto answer = decode_watch_message(text);
    if (!answer) {
        if (is_about_token(answer.error().detail)) return token_refused(answer.error());
        return fail(answer.error());
    }
    answer->id = request_.id;
    if (answer->canceled) {
        const bool is_about_us = peer_.sign_in && is_about_token(answer->cancel_reason);
        if (is_about_us && (has_begun_ || !is_second_try_)) {
            return token_refused({errc::denied, "answered '" + answer->cancel_reason + "'"});
        }
        close();
    }
    has_begun_ = true;
    handlers_.answer(*answer);
}

void WatchStream::refused(const HttpAnswer& answer) {
    const Error error = error_of_answer(answer.status, answer.body);
    is_about_token(error.detail) ? token_refused(error) : fail(error);
}

void WatchStream::fail(const Error& error) {
    if (is_over_) return;
    const auto self = shared_from_this();
    close();
    handlers_.failed(error);
}

// Before anything has come it is asked for again, once. After that it has broken as any other
// stream may: what has happened since has to be read, and that is for others to do.
void WatchStream::token_refused(const Error& error) {
    if (!peer_.sign_in) return fail(error);
    peer_.sign_in->forget(token_);
    if (has_begun_) return fail({errc::unreachable, "ended the stream: it " + error.detail});
    if (std::exchange(is_second_try_, true)) return fail(error);
    std::exchange(http_, nullptr)->close();
    open();
}

}  // namespace tenure::etcd::detail::v3
