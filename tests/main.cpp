// The main function of every test program. A run that fails although the machine never stood still
// has failed. One that fails on a machine that did proves nothing: leases ran out that nobody could
// have renewed. It is made again, twice at most, and says so; not after a crash, or what a
// sanitizer has found. TENURE_TRIES=1 runs the tests in this very process, for a debugger.
#define BOOST_TEST_MODULE tenure
#define BOOST_TEST_NO_MAIN
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/cstdlib.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int most_tries = 3;
// Somebody who wants to run this soon, and does not for so long, shares the machine with too many.
constexpr milliseconds look_every(20);
constexpr milliseconds standstill(400);

int run_tests(int count, char** words) {
#ifdef BOOST_TEST_DYN_LINK
    return boost::unit_test::unit_test_main(&init_unit_test, count, words);
#else
    return boost::unit_test::unit_test_main(&init_unit_test_suite, count, words);
#endif
}

struct Run {
    int status = 0;
    milliseconds longest_standstill{};
};

Run watch_over(pid_t tests) {
    Run run;
    while (::waitpid(tests, &run.status, WNOHANG) == 0) {
        const auto begin = steady_clock::now();
        ::poll(nullptr, 0, static_cast<int>(look_every.count()));
        const auto late = steady_clock::now() - begin - look_every;
        run.longest_standstill =
            std::max(run.longest_standstill, std::chrono::duration_cast<milliseconds>(late));
    }
    return run;
}

int exit_code(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

int main(int count, char** words) {
    const char* const wanted = std::getenv("TENURE_TRIES");
    const int tries = wanted == nullptr ? most_tries : std::atoi(wanted);
    if (tries <= 1) return run_tests(count, words);
    for (int made = 1;; ++made) {
        const pid_t parent = ::getpid();
        const pid_t tests = ::fork();
        if (tests < 0) return run_tests(count, words);
        if (tests == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            // A crash is to end it by its signal.
            ::setenv("BOOST_TEST_CATCH_SYSTEM_ERRORS", "no", 0);
            return ::getppid() == parent ? run_tests(count, words) : 1;
        }
        const Run run = watch_over(tests);
        // What a sanitizer finds, or a crash, counts whatever the machine did.
        const bool is_check = exit_code(run.status) == boost::exit_test_failure;
        const bool is_worthless = is_check && run.longest_standstill >= standstill;
        if (!is_worthless || made == tries) return exit_code(run.status);
        std::cout << "The machine stood still for " << run.longest_standstill.count()
                  << " ms meanwhile: this run proves nothing, here is another one." << std::endl;
    }
}
