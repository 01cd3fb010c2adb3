// A bad line: what is lost on it, what is not, and when one hears of it.
#include <boost/test/unit_test.hpp>
#include <optional>
#include <tenure/faulty_store.hpp>
#include <tenure/memory_store.hpp>
#include <tenure/virtual_scheduler.hpp>
#include <vector>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

// A client behind a line, and the store itself beside it.
struct Line {
    std::shared_ptr<VirtualScheduler> scheduler = make_virtual_scheduler();
    std::shared_ptr<MemoryStore> store = make_memory_store(scheduler);
    std::shared_ptr<FaultyStore> client = make_faulty_store(scheduler, store, 2s);
    Instant start = scheduler->now();

    template <class T>
    struct Outcome {
        std::optional<result<T>> value;
        Duration at{};
    };
    template <class T>
    Reply<T> into(Outcome<T>& outcome) {
        return [this, &outcome](result<T> value) {
            BOOST_TEST(!outcome.value.has_value());
            outcome = {std::move(value), scheduler->now() - start};
        };
    }
    void set_fate_of_next(Fate fate) {
        client->set_fate([fate, next = client->calls() + 1](Call, std::uint64_t number) {
            return number == next ? fate : Fate::pass;
        });
    }
    Lease grant() {
        Outcome<Lease> outcome;
        store->grant_lease(1h, into(outcome));
        scheduler->run_for(0s);
        return outcome.value->value();
    }
    Outcome<Entry> create(LeaseId lease) {
        Outcome<Entry> outcome;
        client->create({"line", "value", lease}, into(outcome));
        scheduler->run_until([&] { return outcome.value.has_value(); }, 10s);
        return outcome;
    }
    std::size_t entries() {
        Outcome<Listing> outcome;
        store->list({.prefix = "line"}, into(outcome));
        scheduler->run_for(0s);
        return outcome.value->value().entries.size();
    }
};

template <class Outcome>
void expect(const Outcome& outcome, errc code, Duration at) {
    BOOST_REQUIRE(outcome.value.has_value());
    BOOST_REQUIRE(outcome.value->has_error());
    BOOST_TEST(outcome.value->error().code == code);
    BOOST_TEST(!outcome.value->error().detail.empty());
    BOOST_TEST((outcome.at == at));
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(faulty_store, Line)

BOOST_AUTO_TEST_CASE(all_passes_unless_told_otherwise) {
    const auto created = create(grant().id);
    BOOST_TEST(created.value->has_value());
    BOOST_TEST((created.at == 0s));
    BOOST_TEST(client->calls() == 1U);
    BOOST_TEST(client->can(Capability::guarded_puts));
    // No time-out is left to keep a test from falling quiet; what waits is the lease's end.
    BOOST_TEST(scheduler->pending() == 1U);
}

BOOST_AUTO_TEST_CASE(lost_request_has_no_effect_and_times_out) {
    const auto lease = grant();
    set_fate_of_next(Fate::lose_request);
    expect(create(lease.id), errc::timed_out, 2s);
    BOOST_TEST(entries() == 0U);
    BOOST_TEST(create(lease.id).value->has_value());
}

BOOST_AUTO_TEST_CASE(lost_reply_has_its_effect_and_times_out) {
    const auto lease = grant();
    set_fate_of_next(Fate::lose_reply);
    expect(create(lease.id), errc::timed_out, 2s);
    BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(unreachable_and_refused_come_at_once_without_effect) {
    const auto lease = grant();
    set_fate_of_next(Fate::unreachable);
    expect(create(lease.id), errc::unreachable, 0s);
    set_fate_of_next(Fate::refuse);
    expect(create(lease.id), errc::refused, 0s);
    BOOST_TEST(entries() == 0U);
}

BOOST_AUTO_TEST_CASE(fate_is_asked_with_call_and_number) {
    std::vector<std::pair<Call, std::uint64_t>> asked;
    client->set_fate([&](Call call, std::uint64_t number) {
        asked.emplace_back(call, number);
        return Fate::pass;
    });
    client->list({.prefix = "line"}, [](const result<Listing>&) {});
    client->enter({"line", "", LeaseId{1}}, [](const result<Standing>&) {});
    const auto watch =
        client->watch({WatchTarget::Scope::key, "line/1", {}}, [](const result<Change>&) {});
    BOOST_TEST((asked == std::vector<std::pair<Call, std::uint64_t>>{
                             {Call::list, 1}, {Call::enter, 2}, {Call::watch, 3}}));
    BOOST_TEST(to_string(Call::guarded_put) == "guarded_put");
}

BOOST_AUTO_TEST_CASE(cut_line_loses_requests_until_mended) {
    const auto lease = grant();
    client->cut();
    expect(create(lease.id), errc::timed_out, 2s);
    BOOST_TEST(entries() == 0U);
    client->mend();
    BOOST_TEST(create(lease.id).value->has_value());
}

BOOST_AUTO_TEST_CASE(cut_loses_the_reply_that_is_on_its_way) {
    const auto lease = grant();
    Outcome<Entry> outcome;
    client->create({"line", "value", lease.id}, into(outcome));
    client->cut();
    scheduler->run_for(1s);
    BOOST_TEST(!outcome.value.has_value());
    client->mend();
    scheduler->run_for(5s);
    expect(outcome, errc::timed_out, 2s);
    BOOST_TEST(entries() == 1U);
}

BOOST_AUTO_TEST_CASE(cut_watch_is_silent_and_fails_even_if_mended) {
    const auto lease = grant();
    std::vector<result<Change>> heard;
    Duration at{};
    const auto watch =
        client->watch({WatchTarget::Scope::prefix, "line", {}}, [&](result<Change> change) {
            heard.push_back(std::move(change));
            at = scheduler->now() - start;
        });
    client->cut();
    store->create({"line", "value", lease.id}, [](const result<Entry>&) {});
    scheduler->run_for(1s);
    client->mend();
    store->revoke_lease(lease.id, [](const result<void>&) {});
    scheduler->run_for(5s);
    BOOST_REQUIRE(heard.size() == 1U);
    BOOST_TEST(heard.front().error().code == errc::unreachable);
    BOOST_TEST((at == 2s));
    client->cut();
    scheduler->run_for(5s);
    BOOST_TEST(heard.size() == 1U);
}

BOOST_AUTO_TEST_CASE(harmed_watch_fails_once) {
    const std::vector<std::pair<Fate, errc>> harms{{Fate::lose_request, errc::timed_out},
                                                   {Fate::lose_reply, errc::timed_out},
                                                   {Fate::unreachable, errc::unreachable},
                                                   {Fate::refuse, errc::refused}};
    for (const auto& [fate, code] : harms) {
        set_fate_of_next(fate);
        std::vector<result<Change>> heard;
        const auto watch =
            client->watch({WatchTarget::Scope::prefix, "line", {}},
                          [&](result<Change> change) { heard.push_back(std::move(change)); });
        store->create({"line", "value", grant().id}, [](const result<Entry>&) {});
        scheduler->run_for(5s);
        client->cut();
        scheduler->run_for(5s);
        client->mend();
        BOOST_REQUIRE(heard.size() == 1U);
        BOOST_TEST(heard.front().error().code == code);
    }
}

BOOST_AUTO_TEST_CASE(destroyed_client_says_nothing_more) {
    client->cut();
    client->list({.prefix = "line"}, [](const result<Listing>&) { BOOST_ERROR("a late reply"); });
    const auto watch = client->watch({WatchTarget::Scope::prefix, "line", {}},
                                     [](const result<Change>&) { BOOST_ERROR("a late change"); });
    client.reset();
    scheduler->run_for(10s);
    BOOST_TEST(scheduler->pending() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
