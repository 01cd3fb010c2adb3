// Requests, made of whatever callers may ask for: what is written can be read as what was meant.
#include <fuzzer/FuzzedDataProvider.h>
#include <boost/json/parse.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/url_view.hpp>
#include <chrono>

#include "backends/etcd/base64.hpp"
#include "backends/etcd/json_reading.hpp"
#include "backends/etcd/v2/messages.hpp"
#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure::fuzz;
using namespace tenure::etcd::detail;

namespace {

namespace json = boost::json;
namespace urls = boost::urls;

std::string bytes_in(const json::object& object, std::string_view name) {
    const auto bytes = from_base64(text_in(object, name));
    demand(bytes.has_value(), "bytes are written as base64");
    return *bytes;
}

v3::Operation any_operation(FuzzedDataProvider& chance) {
    const std::string key = chance.ConsumeRandomLengthString(40);
    switch (chance.ConsumeIntegralInRange(0, 2)) {
        case 0: return v3::Delete{.key = key};
        case 1:
            return v3::Put{.key = key,
                           .value = chance.ConsumeRandomLengthString(200),
                           .lease = chance.ConsumeIntegral<std::int64_t>()};
        default:
            return v3::Range{.key = key,
                             .range_end = chance.ConsumeRandomLengthString(40),
                             .revision = chance.ConsumeIntegral<std::int64_t>(),
                             .limit = chance.ConsumeIntegral<std::int64_t>(),
                             .max_create_revision = chance.ConsumeIntegral<std::int64_t>(),
                             .sort = chance.PickValueInArray({v3::Range::Sort::none,
                                                              v3::Range::Sort::oldest_first,
                                                              v3::Range::Sort::newest_first}),
                             .count_only = chance.ConsumeBool(),
                             .keys_only = chance.ConsumeBool()};
    }
}

struct SameAs {
    const json::object& written;

    void operator()(const v3::Range& meant) const {
        const json::object& range = object_in(written, "request_range");
        demand(bytes_in(range, "key") == meant.key, "the key is meant");
        demand(bytes_in(range, "range_end") == meant.range_end, "the end is meant");
        demand(number_in(range, "revision") == meant.revision, "the revision is meant");
        demand(number_in(range, "limit") == meant.limit, "the limit is meant");
        demand(number_in(range, "max_create_revision") == meant.max_create_revision,
               "the bound is meant");
        demand(flag_in(range, "count_only") == meant.count_only, "only a count is meant");
        demand(flag_in(range, "keys_only") == meant.keys_only, "only keys are meant");
    }
    void operator()(const v3::Put& meant) const {
        const json::object& put = object_in(written, "request_put");
        demand(bytes_in(put, "key") == meant.key, "the key is meant");
        demand(bytes_in(put, "value") == meant.value, "the value is meant");
        demand(number_in(put, "lease") == meant.lease, "the lease is meant");
    }
    void operator()(const v3::Delete& meant) const {
        const json::object& removal = object_in(written, "request_delete_range");
        demand(bytes_in(removal, "key") == meant.key, "the key is meant");
    }
};

void transact(FuzzedDataProvider& chance) {
    v3::Transaction transaction;
    if (chance.ConsumeBool()) {
        transaction.condition = v3::CreatedAt{chance.ConsumeRandomLengthString(40),
                                              chance.ConsumeIntegral<std::int64_t>()};
    }
    for (int i = chance.ConsumeIntegralInRange(0, 5); i > 0; --i)
        transaction.then.push_back(any_operation(chance));
    const json::value written = json::parse(v3::encode(transaction));
    const json::object& object = object_of(written);
    std::size_t count = 0;
    for_each_in(object, "success", [&](const json::object& each) {
        std::visit(SameAs{each}, transaction.then.at(count++));
    });
    demand(count == transaction.then.size(), "all operations are written");
    for_each_in(object, "compare", [&](const json::object& each) {
        demand(bytes_in(each, "key") == transaction.condition->key, "the condition is meant");
        demand(number_in(each, "create_revision") == transaction.condition->create_revision,
               "the condition's revision is meant");
    });
    demand(object.contains("compare") == transaction.condition.has_value(),
           "a condition is written where there is one");
}

void watch(FuzzedDataProvider& chance) {
    const v3::WatchRequest request{.id = chance.ConsumeIntegral<std::int64_t>(),
                                   .key = chance.ConsumeRandomLengthString(40),
                                   .range_end = chance.ConsumeRandomLengthString(40),
                                   .start_revision = chance.ConsumeIntegral<std::int64_t>()};
    const json::value written = json::parse(v3::encode(request));
    const json::object& create = object_in(object_of(written), "create_request");
    demand(number_in(create, "watch_id") == request.id, "the watch is meant");
    demand(bytes_in(create, "key") == request.key, "the key is meant");
    demand(bytes_in(create, "range_end") == request.range_end, "the end is meant");
    demand(number_in(create, "start_revision") == request.start_revision, "the start is meant");
}

void sign_in(FuzzedDataProvider& chance) {
    // Names and passwords are texts to etcd: what is no UTF-8 cannot be said to it.
    std::string user = chance.ConsumeRandomLengthString(40);
    std::string password = chance.ConsumeRandomLengthString(40);
    for (std::string* const text : {&user, &password})
        std::erase_if(*text, [](char c) { return c < '\0'; });
    const json::value written = json::parse(v3::encode_sign_in(user, password));
    demand(text_in(object_of(written), "name") == user, "the user is meant");
    demand(text_in(object_of(written), "password") == password, "the password is meant");
}

// The server sees the path as it was, and no query or fragment that a name has brought along.
void demand_path(const HttpQuestion& question, const std::string& path) {
    const auto target = urls::parse_origin_form(question.target);
    demand(target.has_value(), "a target is one that HTTP can carry");
    demand(target->path() == "/v2/keys" + path, "the path is meant");
    demand(!target->has_fragment(), "a name brings no fragment along");
    const std::size_t parameters = target->params().size();
    demand(parameters <= 3, "a name brings no parameters along");
}

void over_v2(FuzzedDataProvider& chance) {
    const auto ttl = std::chrono::seconds(chance.ConsumeIntegralInRange(1, 1'000'000));
    const v2::ModifiedIndex index(
        chance.ConsumeIntegralInRange<std::int64_t>(1, std::numeric_limits<std::int64_t>::max()));
    const std::string value = chance.ConsumeRandomLengthString(100);
    const std::string path = '/' + chance.ConsumeRemainingBytesAsString();
    demand_path(v2::ask_to_create(path, value, ttl), path);
    demand_path(v2::ask_to_read(path), path);
    demand_path(v2::ask_to_refresh(path, index, ttl), path);
    demand_path(v2::ask_to_change(path, value, index, ttl), path);
    demand_path(v2::ask_to_remove(path, index), path);
    demand_path(v2::ask_to_wait(path, true, index.value()), path);
    const std::string body = v2::ask_to_create(path, value, ttl).body;
    const auto form = urls::parse_query(body);
    demand(form && form->size() == 2, "a form has its two fields");
    demand((*form->begin()).value.decode() == value, "the value is meant");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    FuzzedDataProvider chance(data, size);
    switch (chance.ConsumeIntegralInRange(0, 3)) {
        case 0: transact(chance); break;
        case 1: watch(chance); break;
        case 2: sign_in(chance); break;
        default: over_v2(chance); break;
    }
    return 0;
}
