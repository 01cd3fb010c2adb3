// etcd:// URLs: what they say, and what is said of those that are wrong.
#include <algorithm>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/etcd.hpp>
#include <tenure/open_store.hpp>

namespace tenure::etcd {
namespace {

using namespace std::chrono_literals;

struct Wrong {
    std::string url;
    std::string words;
    friend std::ostream& operator<<(std::ostream& out, const Wrong& wrong) {
        return out << wrong.url;
    }
};

const Wrong wrong_urls[] = {
    {"etcd:", "does not begin with 'etcd://'"},
    {"http://host", "does not begin with 'etcd://'"},
    {"etcd://", "the host is missing"},
    {"etcd:///", "the host is missing"},
    {"etcd://:2379", "the host is missing in ':2379'"},
    {"etcd://host:", "bad port '' in 'host:'"},
    {"etcd://host:0", "bad port '0'"},
    {"etcd://host:65536", "bad port '65536'"},
    {"etcd://host:-1", "bad port '-1'"},
    {"etcd://host:23x", "bad port '23x'"},
    {"etcd://a:1,b:two", "bad port 'two' in 'b:two'"},
    {"etcd://a:1,", "an endpoint in the list is empty"},
    {"etcd://,a:1", "an endpoint in the list is empty"},
    {"etcd://a:1,,b:1", "an endpoint in the list is empty"},
    {"etcd://::1", "has several colons"},
    {"etcd://::1:2379", "has several colons"},
    {"etcd://[::1", "a closing bracket is missing in '[::1'"},
    {"etcd://[::zz]:1", "bad host '[::zz]'"},
    {"etcd://ho st:1", "a blank or a control character"},
    {"etcd://host\n:1", "a blank or a control character"},
    {"etcd://ho<st:1", "bad host 'ho<st'"},
    {"etcd://ho%41st:1", "bad host 'ho%41st'"},
    {"etcd://host/path", "a path ('/path') has no meaning here"},
    {"etcd://host#part", "a fragment ('#') has no meaning here"},
    {"etcd://host?tiemout=1s", "unknown option 'tiemout'; known are api, timeout, watch"},
    {"etcd://host?timeout=", "bad timeout ''"},
    {"etcd://host?timeout=1", "bad timeout '1': it is written as 500ms, 2s or 1m"},
    {"etcd://host?timeout=1h", "bad timeout '1h'"},
    {"etcd://host?timeout=0s", "timeout '0s' is out of range"},
    {"etcd://host?timeout=-1s", "timeout '-1s' is out of range"},
    {"etcd://host?timeout=61m", "timeout '61m' is out of range"},
    {"etcd://host?timeout=99999999999999999999s", "bad timeout"},
    {"etcd://host?timeout=1s&timeout=2s", "option 'timeout' is given twice"},
    {"etcd://host?ca=/x", "option 'ca' is for TLS: the URL has to begin with 'etcds://'"},
    {"etcd://host?password_file=/x", "option 'password_file' needs a user before the host"},
    {"etcds://host?ca=", "option 'ca' is empty"},
    {"etcds://host?insecure_skip_verification=yes", "is true or false, not 'yes'"},
    {"etcd://host?watch=poll", "unknown watch 'poll'; known are websocket and stream"},
    {"etcd://host?api=v2&watch=stream", "option 'watch' is for the v3 API"},
    {"etcd://host?api=", "unknown api ''; known are v3 and v2"},
    {"etcd://host?api=v1", "unknown api 'v1'"},
    {"etcd://host?api=v2&api=v2", "option 'api' is given twice"},
};

std::string words_of(std::string_view url) {
    try {
        parse_url(url);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing is wrong";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(url)

BOOST_AUTO_TEST_CASE(one_host_has_the_usual_port) {
    const StoreOptions options = parse_url("etcd://localhost");
    BOOST_TEST((options.endpoints == std::vector<Endpoint>{{"localhost", 2379}}));
    BOOST_TEST((options.request_timeout == 2s));
}

BOOST_AUTO_TEST_CASE(several_hosts_keep_their_order) {
    const StoreOptions options =
        parse_url("etcd://a.example:1,10.0.0.2,[::1]:65535/?timeout=500ms");
    const std::vector<Endpoint> expected{{"a.example", 1}, {"10.0.0.2", 2379}, {"::1", 65535}};
    BOOST_TEST((options.endpoints == expected));
    BOOST_TEST((options.request_timeout == 500ms));
}

BOOST_AUTO_TEST_CASE(the_api_is_v3_unless_it_is_said_otherwise) {
    BOOST_TEST((parse_url("etcd://host").api == ApiVersion::v3));
    BOOST_TEST((parse_url("etcd://host?api=v3").api == ApiVersion::v3));
    const StoreOptions options = parse_url("etcd://a,b?api=v2&timeout=1s");
    BOOST_TEST((options.api == ApiVersion::v2));
    BOOST_TEST((options.request_timeout == 1s));
    BOOST_TEST(options.endpoints.size() == 2U);
}

BOOST_DATA_TEST_CASE(wrong_part_is_named, boost::unit_test::data::make(wrong_urls), wrong) {
    const std::string words = words_of(wrong.url);
    BOOST_TEST(words.find(wrong.words) != std::string::npos, "it says: " << words);
}

BOOST_AUTO_TEST_CASE(a_user_and_a_password_come_before_the_hosts) {
    const StoreOptions options = parse_url("etcd://ann:a%3Ab%40c,d%2Fe@a,b:1");
    BOOST_TEST_REQUIRE(options.credentials.has_value());
    BOOST_TEST(options.credentials->user == "ann");
    BOOST_TEST(options.credentials->password == "a:b@c,d/e");
    BOOST_TEST(options.endpoints.size() == 2U);
    const StoreOptions with_file = parse_url("etcd://bob@host?password_file=%2Frun/p");
    BOOST_TEST(with_file.credentials->password_file == "/run/p");
    BOOST_TEST(!parse_url("etcd://host").credentials.has_value());
}

BOOST_AUTO_TEST_CASE(etcds_means_tls) {
    BOOST_TEST(!parse_url("etcd://host").tls.has_value());
    BOOST_TEST(parse_url("etcds://host").tls->ca_file.empty());
    const StoreOptions options = parse_url(
        "etcds://host?ca=/ca&cert=/cert&key=/key&server_name=n&insecure_skip_verification=true");
    BOOST_TEST(options.tls->ca_file == "/ca");
    BOOST_TEST(options.tls->certificate_file == "/cert");
    BOOST_TEST(options.tls->key_file == "/key");
    BOOST_TEST(options.tls->server_name == "n");
    BOOST_TEST(options.tls->insecure_skip_verification);
}

BOOST_AUTO_TEST_CASE(watches_may_be_told_what_to_go_over) {
    BOOST_CHECK(parse_url("etcd://host").streams == StreamKind::automatic);
    BOOST_CHECK(parse_url("etcd://host?watch=stream").streams == StreamKind::request);
    BOOST_CHECK(parse_url("etcd://host?watch=websocket").streams == StreamKind::web_socket);
}

BOOST_AUTO_TEST_CASE(password_is_not_repeated) {
    const char* const wrong[] = {
        "etcd://user:secret@",           "etcd://user:secret@host:0",
        "etcd://user:sec%ret@host",      "etcd://:secret@host",
        "etcd://user:sec?ret@host",      "etcd://user:sec#ret@host",
        "etcd://user:sec/ret@host",      "etcd://user:secret@host?api=v7",
        "etcd://user:secret@host?ca=/x", "http://user:secret@host",
        "etcd://user:sec ret@host",      "etcd://user:secret@host?password_file=",
    };
    for (const char* const url : wrong) {
        const std::string words = words_of(url);
        BOOST_TEST(words.starts_with("store URL: "), words);
        BOOST_TEST(words.find("sec") == std::string::npos, words);
        BOOST_TEST(words.find("ret") == std::string::npos, words);
    }
    BOOST_TEST(without_password("etcd://user:a@b:c@host?x") == "etcd://user:***@host?x");
    BOOST_TEST(without_password("etcd://user@host:1") == "etcd://user@host:1");
    BOOST_TEST(without_password("etcd://host:1") == "etcd://host:1");
}

// A view into a longer text ends where it ends.
BOOST_AUTO_TEST_CASE(nothing_is_read_beyond_the_end) {
    const std::string_view text = "etcd://host?timeout=1s2m&api=v7";
    BOOST_TEST((parse_url(text.substr(0, 22)).request_timeout == 1s));
}

BOOST_AUTO_TEST_CASE(open_store_knows_the_scheme) {
    const auto schemes = store_schemes();
    BOOST_TEST((std::ranges::count(schemes, "etcd") == 1));
    BOOST_TEST((std::ranges::count(schemes, "etcds") == 1));
}

BOOST_AUTO_TEST_CASE(wrong_options_are_named) {
    const auto words = [](StoreOptions options) -> std::string {
        try {
            make_store({}, std::move(options));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return {};
    };
    BOOST_TEST(words({}) == "etcd store: no endpoint is given");
    BOOST_TEST(words({.endpoints = {{""}}}) == "etcd store: an endpoint has no host");
    BOOST_TEST(words({.endpoints = {{"host", 0}}}) == "etcd store: endpoint 'host' has port 0");
    BOOST_TEST(words({.endpoints = {{"host"}}, .request_timeout = 0ms}) ==
               "etcd store: request_timeout must be positive");
    BOOST_TEST(words({.endpoints = {{"host"}}, .watch_check = 0ms}) ==
               "etcd store: watch_check must be positive");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace tenure::etcd
