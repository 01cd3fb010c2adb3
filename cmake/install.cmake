# `cmake --install`, and what find_package(tenure) finds. tests/consumer uses it.
include(CMakePackageConfigHelpers)

target_link_libraries(tenure_conformance INTERFACE tenure Boost::headers)

install(TARGETS ${TENURE_EXPORTED_TARGETS} EXPORT tenureTargets FILE_SET HEADERS)
install(EXPORT tenureTargets NAMESPACE tenure::
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenure)

configure_package_config_file(cmake/tenureConfig.cmake.in tenureConfig.cmake
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenure)
write_basic_package_version_file(tenureConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tenureConfig.cmake ${PROJECT_BINARY_DIR}/tenureConfigVersion.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/tenure)
