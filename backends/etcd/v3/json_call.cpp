#include "backends/etcd/v3/json_call.hpp"

#include <utility>

#include "backends/etcd/v3/messages.hpp"

namespace tenure::etcd::detail::v3 {

void start(Caller& caller, JsonCall call) {
    caller.start(
        {.question = {.method = Method::post,
                      .target = std::move(call.path),
                      .body = std::move(call.body),
                      .content_type = "application/json"},
         .take = [take = std::move(call.take)](const HttpAnswer& answer) -> std::optional<Error> {
             if (answer.status == 200) return take(answer.body);
             return error_of_answer(answer.status, answer.body);
         },
         .fail = std::move(call.fail),
         .repeatable = call.repeatable,
         .only_at = call.only_at,
         .time_out = call.time_out});
}

}  // namespace tenure::etcd::detail::v3
