# Installs the build into FOLDER, builds the consumer against that with find_package, and runs
# it, and the installed command.
function(run)
    list(JOIN ARGV " " words)
    message(STATUS "${words}")
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE outcome OUTPUT_VARIABLE output
        ERROR_VARIABLE output TIMEOUT 200)
    if(NOT outcome EQUAL 0)
        message(FATAL_ERROR "ended with ${outcome}:\n${output}")
    endif()
    set(output "${output}" PARENT_SCOPE)
endfunction()

set(prefix ${FOLDER}/prefix)
file(REMOVE_RECURSE ${prefix} ${FOLDER}/built)
run(${CMAKE_COMMAND} --install ${BUILT} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${FOLDER}/built -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_BUILD_TYPE=${BUILD_TYPE} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    -DTENURE_EXPECTED_VERSION=${VERSION})
run(${CMAKE_COMMAND} --build ${FOLDER}/built)
run(${FOLDER}/built/with_etcd)
run(${FOLDER}/built/without_etcd)
run(${FOLDER}/built/in_tests)
run(${prefix}/bin/tenure --version)
if(NOT output STREQUAL "tenure ${VERSION}\n")
    message(FATAL_ERROR "the installed command says: ${output}")
endif()
