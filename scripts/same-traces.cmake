# Runs the same seeds in several builds, and fails when a trace differs:
#   cmake -D FOLDER=build -D "BUILDS=dev tsan" -P scripts/same-traces.cmake
separate_arguments(BUILDS)
set(expected "")
foreach(build IN LISTS BUILDS)
    execute_process(COMMAND ${FOLDER}/${build}/tests/simulation/traces
        OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
    if(printed STREQUAL "")
        message(FATAL_ERROR "${build} printed nothing")
    endif()
    if(expected STREQUAL "")
        set(expected "${printed}")
        set(first ${build})
    elseif(NOT printed STREQUAL expected)
        message(FATAL_ERROR "${build} and ${first} differ:\n${first}:\n${expected}\n${build}:\n${printed}")
    endif()
endforeach()
message("the same in ${BUILDS}:\n${expected}")
