cmake_minimum_required(VERSION 3.24)
# The programs have to list their tests exactly as a file names them, in snake case:
#   cmake -D NAMES=names.txt -D PROGRAMS=one,two -P names_are_kept.cmake
file(READ ${NAMES} expected)
string(REGEX REPLACE "^#[^\n]*\n" "" expected "${expected}")
string(REGEX REPLACE "([a-z])([A-Z])" "\\1_\\2" expected "${expected}")
string(TOLOWER "${expected}" expected)
string(REGEX REPLACE "[()]" "" expected "${expected}")
string(REGEX REPLACE "([^ \n])[- ]" "\\1_" expected "${expected}")
# Boost.Test marks what is enabled with a star.
string(REPLACE "\n" "*\n" expected "${expected}")
if(NOT expected MATCHES "    [a-z_]+\\*\n")
    message(FATAL_ERROR "${NAMES} has no names")
endif()

set(found "")
string(REPLACE "," ";" programs "${PROGRAMS}")
foreach(program IN LISTS programs)
    execute_process(COMMAND ${program} --list_content
        OUTPUT_VARIABLE listed ERROR_VARIABLE listed COMMAND_ERROR_IS_FATAL ANY)
    string(APPEND found "${listed}")
endforeach()
if(NOT found STREQUAL expected)
    message("${NAMES} names these tests:\n${expected}\nand these are there:\n${found}")
    message(FATAL_ERROR "the tests differ from their names")
endif()
