# Lets one ctest run the tests of several builds, each under its build's name. scripts/test
# writes a CTestTestfile.cmake that sets `builds` and `folder`, and includes this.
#
# ctest reads such files with CMake's own interpreter: where a function takes a command's
# name, the command itself goes by the name with an underscore in front. The arguments are
# passed on one by one, because some are lists and some are empty.
set(with_the_build_in_the_name [==[
function(COMMAND)
    set(words)
    math(EXPR last "${ARGC} - 1")
    foreach(index RANGE 1 ${last})
        string(APPEND words " [===[${ARGV${index}}]===]")
    endforeach()
    cmake_language(EVAL CODE "_COMMAND([===[${build}/${ARGV0}]===] ${words})")
endfunction()
]==])
foreach(command add_test set_tests_properties)
    string(REPLACE COMMAND ${command} code "${with_the_build_in_the_name}")
    cmake_language(EVAL CODE "${code}")
endforeach()

foreach(build IN LISTS builds)
    subdirs(${folder}/${build})
endforeach()

# The fuzz targets simulate nothing.
list(REMOVE_ITEM builds fuzz)
list(LENGTH builds count)
if(count GREATER 1)
    string(REPLACE ";" " " words "${builds}")
    _add_test(same_traces_in_every_build cmake -D FOLDER=${folder} -D "BUILDS=${words}"
        -P ${folder}/../scripts/same-traces.cmake)
endif()
