# Runs PROGRAM with ARGUMENTS: it has to exit with 0, and its output to match EXPECT.
execute_process(COMMAND ${PROGRAM} ${ARGUMENTS} TIMEOUT 50
    OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE outcome)
message(STATUS "output of ${PROGRAM}:\n${output}")
if(NOT outcome EQUAL 0)
    message(FATAL_ERROR "ended with: ${outcome}")
endif()
if(NOT output MATCHES "${EXPECT}")
    message(FATAL_ERROR "the output does not match: ${EXPECT}")
endif()
