// Boost.JSON and Boost.URL from their sources, so that the fuzzer sees which way they take, and the
// sanitizers what they do. The program's own come before those of the shared libraries.
#include <boost/json/src.hpp>
#include <boost/url/src.hpp>
