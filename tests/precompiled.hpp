// What nearly every test includes, compiled once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <tenure/faulty_store.hpp>
#include <tenure/tenure.hpp>
#include <tenure/virtual_scheduler.hpp>
