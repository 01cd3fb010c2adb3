// What several sources of the command include, compiled once.
#pragma once

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <iostream>
#include <optional>
#include <string>
#include <tenure/election.hpp>
#include <tenure/observer.hpp>
#include <tenure/open_store.hpp>
