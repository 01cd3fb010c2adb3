// Answers to a sign-in: what is in them is a secret, and goes into a header.
#include <boost/json/serialize.hpp>

#include "backends/etcd/v3/messages.hpp"
#include "tests/fuzz/check.hpp"

using namespace tenure;
using namespace tenure::fuzz;
using namespace tenure::etcd::detail::v3;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto token = decode_token(text_of(data, size));
    if (!token) {
        demand_readable(token.error());
        demand(token.error().code == errc::bad_answer, "what is not etcd's is a bad answer");
        demand(token.error().detail.find_first_of("'\"{") == std::string::npos,
               "an error does not quote a secret");
        return 0;
    }
    demand(!token->empty(), "a token is not empty");
    demand(std::ranges::all_of(*token, [](char c) { return c > ' ' && c <= '~'; }),
           "a token is one that a header can carry");
    const auto again = decode_token(boost::json::serialize(boost::json::object{{"token", *token}}));
    demand(again && *again == *token, "a token that is written down reads the same");
    return 0;
}
