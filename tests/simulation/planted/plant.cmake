# Planted bugs: mistakes that a program can switch on, in a copy of the library's own sources.
# The shipped sources know nothing of them.
#
# plant(name RULE n WHAT "words" FILE path FROM [==[text]==] TO [==[text]==]) replaces a piece of
# text that must occur exactly once. In TO, PLANTED stands for "this bug is switched on". The same
# name may be planted in several places. A text that is not there any more stops the
# configuration: whoever changes the code decides what has become of the bug.

set(PLANTED_FOLDER ${CMAKE_CURRENT_BINARY_DIR}/planted)
set(PLANTED_NAMES)
set(PLANTED_LIST "")

function(plant name)
    cmake_parse_arguments(PARSE_ARGV 1 BUG "" "RULE;WHAT;FILE;FROM;TO" "")
    set(key "planted text of ${BUG_FILE}")
    get_property(text DIRECTORY PROPERTY "${key}")
    if("${text}" STREQUAL "")
        file(READ ${PROJECT_SOURCE_DIR}/${BUG_FILE} text)
        set(text "#include \"tests/simulation/planted/bug.hpp\"\n#line 1 \"${BUG_FILE}\"\n${text}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
            ${PROJECT_SOURCE_DIR}/${BUG_FILE})
    endif()
    string(FIND "${text}" "${BUG_FROM}" first)
    string(FIND "${text}" "${BUG_FROM}" last REVERSE)
    if(first EQUAL -1 OR NOT first EQUAL last)
        message(FATAL_ERROR "planted bug '${name}': its place in ${BUG_FILE} is gone, or not "
                            "the only one:\n${BUG_FROM}")
    endif()
    set(test "::tenure::testing::is_planted(::tenure::testing::Bug::${name})")
    string(REPLACE "PLANTED" "${test}" to "${BUG_TO}")
    string(REPLACE "${BUG_FROM}" "${to}" text "${text}")
    set_property(DIRECTORY PROPERTY "${key}" "${text}")
    file(CONFIGURE OUTPUT ${PLANTED_FOLDER}/${BUG_FILE} CONTENT "${text}" @ONLY)
    if(NOT name IN_LIST PLANTED_NAMES)
        set(PLANTED_NAMES ${PLANTED_NAMES} ${name} PARENT_SCOPE)
        set(PLANTED_LIST "${PLANTED_LIST}TENURE_BUG(${name}, \"${BUG_RULE}\", \"${BUG_WHAT}\")\n"
            PARENT_SCOPE)
    endif()
endfunction()

# Copies that an earlier configuration left.
function(planted_clean)
    file(GLOB_RECURSE copies RELATIVE ${PLANTED_FOLDER} ${PLANTED_FOLDER}/core/* ${PLANTED_FOLDER}/backends/*)
    foreach(copy IN LISTS copies)
        get_property(text DIRECTORY PROPERTY "planted text of ${copy}")
        if("${text}" STREQUAL "")
            file(REMOVE ${PLANTED_FOLDER}/${copy})
        endif()
    endforeach()
endfunction()

# The sources of a target of the project, each from the planted copy where there is one.
function(planted_sources out)
    set(sources)
    foreach(target IN LISTS ARGN)
        get_target_property(files ${target} SOURCES)
        get_target_property(folder ${target} SOURCE_DIR)
        foreach(file IN LISTS files)
            cmake_path(ABSOLUTE_PATH file BASE_DIRECTORY ${folder})
            file(RELATIVE_PATH name ${PROJECT_SOURCE_DIR} ${file})
            if(EXISTS ${PLANTED_FOLDER}/${name})
                list(APPEND sources ${PLANTED_FOLDER}/${name})
            elseif(NOT file MATCHES "\\.hpp$")
                list(APPEND sources ${file})
            endif()
        endforeach()
    endforeach()
    set(${out} ${sources} PARENT_SCOPE)
endfunction()
