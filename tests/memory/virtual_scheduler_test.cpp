// Virtual time: what runs when, and in which order.
#include <boost/test/unit_test.hpp>
#include <string>
#include <tenure/virtual_scheduler.hpp>
#include <thread>
#include <vector>

namespace tenure::sim {
namespace {

using namespace std::chrono_literals;

struct Log {
    std::shared_ptr<VirtualScheduler> scheduler = make_virtual_scheduler();
    Instant start = scheduler->now();
    std::string text;

    auto write(std::string word) {
        return [this, word] { text += word; };
    }
    Duration passed() const { return scheduler->now() - start; }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(virtual_scheduler, Log)

BOOST_AUTO_TEST_CASE(nothing_runs_outside_of_run) {
    scheduler->post(write("a"));
    const auto timer = scheduler->call_at(start, write("b"));
    BOOST_TEST(text == "");
    BOOST_TEST(scheduler->pending() == 2U);
    scheduler->run_for(0s);
    BOOST_TEST(text == "ab");
    BOOST_TEST(scheduler->pending() == 0U);
}

BOOST_AUTO_TEST_CASE(tasks_run_by_time_and_then_as_asked_for) {
    const auto late = scheduler->call_at(start + 2s, write("d"));
    const auto first = scheduler->call_at(start + 1s, write("b"));
    const auto second = scheduler->call_at(start + 1s, write("c"));
    scheduler->post(write("a"));
    scheduler->run_for(1s);
    BOOST_TEST(text == "abc");
    BOOST_TEST((passed() == 1s));
    scheduler->run_for(5s);
    BOOST_TEST(text == "abcd");
    BOOST_TEST((passed() == 6s));
}

BOOST_AUTO_TEST_CASE(a_task_sees_the_time_it_was_asked_for) {
    Duration seen{};
    const auto timer = scheduler->call_at(start + 3s, [&] { seen = passed(); });
    scheduler->run_for(10s);
    BOOST_TEST((seen == 3s));
}

BOOST_AUTO_TEST_CASE(what_a_task_asks_for_runs_in_the_same_run) {
    std::unique_ptr<Scheduler::Timer> timer;
    scheduler->post([&] {
        scheduler->post(write("b"));
        timer = scheduler->call_at(start + 1s, write("c"));
        text += "a";
    });
    scheduler->run_for(1s);
    BOOST_TEST(text == "abc");
}

BOOST_AUTO_TEST_CASE(destroyed_timer_does_not_run) {
    auto timer = scheduler->call_at(start + 1s, write("a"));
    timer.reset();
    BOOST_TEST(scheduler->pending() == 0U);
    scheduler->run_for(2s);
    BOOST_TEST(text == "");
}

BOOST_AUTO_TEST_CASE(timer_destroyed_at_its_own_instant_does_not_run) {
    std::unique_ptr<Scheduler::Timer> second;
    const auto first = scheduler->call_at(start + 1s, [&] { second.reset(); });
    second = scheduler->call_at(start + 1s, write("a"));
    scheduler->run_for(2s);
    BOOST_TEST(text == "");
}

BOOST_AUTO_TEST_CASE(timer_may_be_destroyed_in_its_own_task) {
    std::unique_ptr<Scheduler::Timer> timer;
    timer = scheduler->call_at(start + 1s, [&] {
        timer.reset();
        text += "a";
    });
    scheduler->run_for(2s);
    BOOST_TEST(text == "a");
}

BOOST_AUTO_TEST_CASE(timer_may_outlive_its_scheduler) {
    auto timer = scheduler->call_at(start + 1s, write("a"));
    scheduler.reset();
    timer.reset();
    BOOST_TEST(text == "");
}

BOOST_AUTO_TEST_CASE(run_until_stops_at_once_when_it_holds) {
    const auto first = scheduler->call_at(start + 1s, write("a"));
    const auto second = scheduler->call_at(start + 1s, write("b"));
    BOOST_TEST(scheduler->run_until([&] { return text == "a"; }, 10s));
    BOOST_TEST((passed() == 1s));
    BOOST_TEST(text == "a");
    BOOST_TEST(scheduler->run_until([] { return true; }, 10s));
    BOOST_TEST(text == "a");
}

BOOST_AUTO_TEST_CASE(run_until_gives_up_at_its_bound) {
    const auto late = scheduler->call_at(start + 11s, write("a"));
    BOOST_TEST(!scheduler->run_until([&] { return text == "a"; }, 10s));
    BOOST_TEST((passed() == 10s));
}

BOOST_AUTO_TEST_CASE(jump_runs_nothing_and_makes_it_overdue) {
    const auto timer = scheduler->call_at(start + 1s, write("a"));
    scheduler->jump(5s);
    BOOST_TEST(text == "");
    BOOST_TEST((passed() == 5s));
    scheduler->run_for(0s);
    BOOST_TEST(text == "a");
    BOOST_TEST((passed() == 5s));
}

BOOST_AUTO_TEST_CASE(what_was_due_in_the_past_runs_now_behind_the_others) {
    scheduler->post(write("a"));
    const auto timer = scheduler->call_at(start - 1s, write("b"));
    scheduler->run_for(0s);
    BOOST_TEST(text == "ab");
    BOOST_TEST((passed() == 0s));
}

BOOST_AUTO_TEST_CASE(clock_outlives_its_scheduler_and_is_one) {
    const auto clock = scheduler->clock();
    BOOST_TEST(clock == scheduler->clock());
    scheduler->run_for(3s);
    scheduler.reset();
    BOOST_TEST((clock->now() - start == 3s));
}

BOOST_AUTO_TEST_CASE(an_exception_reaches_who_runs_and_loses_nothing_else) {
    scheduler->post([] { throw std::runtime_error("a task threw"); });
    scheduler->post(write("a"));
    BOOST_CHECK_THROW(scheduler->run_for(0s), std::runtime_error);
    scheduler->run_for(0s);
    BOOST_TEST(text == "a");
}

BOOST_AUTO_TEST_CASE(post_from_other_threads) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([this] {
            for (int n = 0; n < 100; ++n)
                scheduler->post(write("a"));
        });
    }
    scheduler->run_for(1s);
    for (auto& thread : threads)
        thread.join();
    scheduler->run_for(1s);
    BOOST_TEST(text.size() == 400U);
}

BOOST_AUTO_TEST_CASE(clear_drops_what_waits) {
    const auto timer = scheduler->call_at(start + 1s, write("a"));
    scheduler->post(write("b"));
    scheduler->clear();
    scheduler->run_for(2s);
    BOOST_TEST(text == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::sim
