// Safety rule 2: the clock goes on while the machine sleeps. No test can put the machine to
// sleep, but Linux can give a child a time namespace in which it has slept already.
#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <tenure/types.hpp>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace tenure::testing {
namespace {

constexpr int slept_seconds = 5000;

enum Outcome { counts_sleep = 0, misses_sleep = 1, no_namespace = 2 };

// In the child: its own children live in a namespace whose boot clock is ahead, while the
// monotonic clock is not. That is what a sleep leaves behind.
int look_from_a_machine_that_slept(Instant before) {
    if (unshare(CLONE_NEWTIME) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0) {
        return no_namespace;
    }
    const int offsets = open("/proc/self/timens_offsets", O_WRONLY);
    const std::string line = "boottime " + std::to_string(slept_seconds) + " 0\n";
    if (offsets < 0) return no_namespace;
    if (write(offsets, line.data(), line.size()) < 0) return no_namespace;
    close(offsets);
    const pid_t child = fork();
    if (child < 0) return no_namespace;
    if (child == 0) {
        const bool ahead = LeaseClock::now() - before >= std::chrono::seconds(slept_seconds);
        _exit(ahead ? counts_sleep : misses_sleep);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : no_namespace;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lease_clock)

BOOST_AUTO_TEST_CASE(rule_2_the_lease_clock_counts_sleep) {
    const Instant before = LeaseClock::now();
    const pid_t child = fork();
    BOOST_TEST_REQUIRE(child >= 0);
    if (child == 0) _exit(look_from_a_machine_that_slept(before));
    int status = 0;
    BOOST_TEST_REQUIRE(waitpid(child, &status, 0) == child);
    BOOST_TEST_REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == no_namespace) {
        // Where the kernel gives no namespace, at least the clock must be the right one.
        BOOST_TEST_MESSAGE("no time namespace here: " << std::strerror(errno));
        timespec boot{};
        clock_gettime(CLOCK_BOOTTIME, &boot);
        const Duration read =
            std::chrono::seconds(boot.tv_sec) + std::chrono::nanoseconds(boot.tv_nsec);
        BOOST_TEST((LeaseClock::now().time_since_epoch() - read < std::chrono::seconds(1)));
        BOOST_TEST((LeaseClock::now().time_since_epoch() >= read));
        return;
    }
    BOOST_TEST(WEXITSTATUS(status) == counts_sleep);
}

BOOST_AUTO_TEST_CASE(it_never_goes_back) {
    Instant last = LeaseClock::now();
    for (int i = 0; i < 100000; ++i) {
        const Instant now = LeaseClock::now();
        BOOST_TEST_REQUIRE((now >= last));
        last = now;
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
