// Store URLs: the backend is chosen by one string, and a bad one says which part is wrong.
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>
#include <stdexcept>
#include <tenure/memory_store.hpp>
#include <tenure/open_store.hpp>

namespace tenure::testing {
namespace {

std::string complaint(const std::string& url) {
    boost::asio::io_context io;
    try {
        open_store(io.get_executor(), url);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::size_t entries_of(KeyStore& store, boost::asio::io_context& io) {
    std::size_t count = 0;
    bool done = false;
    store.list({.prefix = "e"}, [&](result<Listing> listing) {
        count = listing->entries.size();
        done = true;
    });
    io.restart();
    while (!done && io.run_one_for(std::chrono::seconds(5)) > 0) {
    }
    BOOST_TEST_REQUIRE(done);
    return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(open)

BOOST_AUTO_TEST_CASE(a_bad_url_says_what_is_wrong) {
    BOOST_TEST(has(complaint(""), "does not begin with a scheme"));
    BOOST_TEST(has(complaint("localhost"), "does not begin with a scheme"));
    BOOST_TEST(has(complaint("://x"), "does not begin with a scheme"));
    BOOST_TEST(has(complaint("Memory:"), "does not begin with a scheme, in lower case; known"));
    BOOST_TEST(has(complaint("zoo://x"), "unknown scheme 'zoo'; known are"));
    BOOST_TEST(has(complaint("zoo://x"), "memory:"));
    BOOST_TEST(has(complaint("memory://x"), "without slashes"));
}

BOOST_AUTO_TEST_CASE(memory_stores_are_shared_by_name) {
    boost::asio::io_context io;
    const auto alone = open_store(io.get_executor(), "memory:");
    const auto one = open_store(io.get_executor(), "memory:shared");
    const auto other = open_store(io.get_executor(), "memory:shared");
    bool created = false;
    one->grant_lease(std::chrono::seconds(60), [&](result<Lease> lease) {
        one->create({.prefix = "e", .value = "v", .lease = lease->id},
                    [&](result<Entry> entry) { created = entry.has_value(); });
    });
    while (!created && io.run_one_for(std::chrono::seconds(5)) > 0) {
    }
    BOOST_TEST_REQUIRE(created);
    BOOST_TEST(entries_of(*other, io) == 1);
    BOOST_TEST(entries_of(*alone, io) == 0);
}

BOOST_AUTO_TEST_CASE(third_parties_add_schemes) {
    BOOST_CHECK_THROW(register_store("Bad Scheme", {}), std::invalid_argument);
    std::string seen;
    register_store("my-store", [&](boost::asio::any_io_executor executor, std::string_view url) {
        seen = url;
        return make_memory_store(make_scheduler(std::move(executor)));
    });
    BOOST_TEST(complaint("my-store:anything/at all") == "");
    BOOST_TEST(seen == "my-store:anything/at all");
    const auto schemes = store_schemes();
    BOOST_TEST((std::find(schemes.begin(), schemes.end(), "my-store") != schemes.end()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::testing
