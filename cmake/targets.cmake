# How a library of the project is declared. Warnings and sanitizers belong to the presets:
# nothing here may reach a user's own targets.

set(TENURE_EXPORTED_TARGETS)

# The public headers that come with each target. Each must compile alone.
set(TENURE_HEADERS_tenure
    types error key_store scheduler leadership options session election observer open_store
    memory_store sleep tenure)
set(TENURE_HEADERS_tenure_etcd etcd)
set(TENURE_HEADERS_tenure_simulation
    virtual_scheduler faulty_store simulation simulation/chaos simulation/node
    simulation/scenario simulation/server simulation/timeline simulation/trace simulation/world)
set(TENURE_HEADERS_tenure_conformance
    conformance conformance/answer_cases conformance/boost_test conformance/entry_cases
    conformance/fixture conformance/lease_cases conformance/outage_cases conformance/replies
    conformance/trial conformance/watch_cases)

function(tenure_public_headers target scope)
    set(files)
    foreach(header IN LISTS TENURE_HEADERS_${target})
        list(APPEND files ${PROJECT_SOURCE_DIR}/include/tenure/${header}.hpp)
    endforeach()
    target_sources(${target} ${scope}
        FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/include FILES ${files})
    target_compile_features(${target} ${scope} cxx_std_20)
endfunction()

macro(tenure_export target)
    string(REPLACE "tenure_" "" export_name ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${export_name})
    add_library(tenure::${export_name} ALIAS ${target})
    list(APPEND TENURE_EXPORTED_TARGETS ${target})
endmacro()

# A library with sources, which its folder adds.
macro(tenure_library target)
    add_library(${target})
    tenure_public_headers(${target} PUBLIC)
    target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
    set_target_properties(${target} PROPERTIES
        VERIFY_INTERFACE_HEADER_SETS ON POSITION_INDEPENDENT_CODE ON
        CXX_EXTENSIONS OFF VERSION ${PROJECT_VERSION} SOVERSION 0)
    tenure_export(${target})
endmacro()

macro(tenure_headers_only target)
    add_library(${target} INTERFACE)
    tenure_public_headers(${target} INTERFACE)
    set_target_properties(${target} PROPERTIES VERIFY_INTERFACE_HEADER_SETS ON)
    tenure_export(${target})
endmacro()
