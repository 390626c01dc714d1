# What an installation holds: the programs, the relay's unit for systemd, the carriers, and for embedders one shared library with its headers, CMake package
# and pkg-config file. The library takes in every module of the peer; the relay's modules stay in quicket-relay.
include(CMakePackageConfigHelpers)

# Every target of one of TYPES that was defined in FOLDER or below it.
function(quicket_targets_below folder types result)
  get_property(found DIRECTORY ${folder} PROPERTY BUILDSYSTEM_TARGETS)
  get_property(subfolders DIRECTORY ${folder} PROPERTY SUBDIRECTORIES)
  set(targets "")
  foreach(target IN LISTS found)
    get_target_property(type ${target} TYPE)
    if(type IN_LIST types)
      list(APPEND targets ${target})
    endif()
  endforeach()
  foreach(subfolder IN LISTS subfolders)
    quicket_targets_below(${subfolder} "${types}" more)
    list(APPEND targets ${more})
  endforeach()
  set(${result} ${targets} PARENT_SCOPE)
endfunction()

# --- The shared library: all modules, whole, whether or not something inside refers to them.
quicket_targets_below(${PROJECT_SOURCE_DIR}/core STATIC_LIBRARY quicket_modules)
quicket_targets_below(${PROJECT_SOURCE_DIR}/transports STATIC_LIBRARY transport_modules)
list(APPEND quicket_modules ${transport_modules})

set(quicket_header_folders core/include/quicket)
foreach(folder IN ITEMS transports/endpoint/include/quicket plugins/sdk/include/quicket)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    list(APPEND quicket_header_folders ${folder})
  endif()
endforeach()

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/quicket_version.cpp CONTENT [[
// Which version of Quicket this library is.
extern "C" const char* quicket_version() { return "@PROJECT_VERSION@"; }
]] @ONLY)

add_library(quicket_shared SHARED ${PROJECT_BINARY_DIR}/quicket_version.cpp)
set_target_properties(quicket_shared PROPERTIES
  OUTPUT_NAME quicket
  EXPORT_NAME quicket
  VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR})
foreach(module IN LISTS quicket_modules)
  target_sources(quicket_shared PRIVATE $<TARGET_OBJECTS:${module}>)
endforeach()
# The modules once more, for what they depend on: of their archives nothing is missing any more.
target_link_libraries(quicket_shared
  PUBLIC Boost::headers Threads::Threads
  PRIVATE ${quicket_modules})
target_compile_features(quicket_shared INTERFACE cxx_std_20)
# The messages on the wire are nobody's interface.
target_link_options(quicket_shared PRIVATE LINKER:--exclude-libs,libquicket_proto.a)
if(NOT QUICKET_SANITIZE)
  target_link_options(quicket_shared PRIVATE LINKER:--no-undefined)
endif()

target_include_directories(quicket_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
foreach(folder IN LISTS quicket_header_folders)
  install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.hpp PATTERN *.h)
  cmake_path(GET folder PARENT_PATH include_folder)
  target_include_directories(quicket_shared INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/${include_folder}>)
endforeach()

install(TARGETS quicket_shared EXPORT quicketTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})

# What a carrier is built with: headers, and nothing to link. Inside this tree they are where they were written.
if(TARGET quicket_carrier_sdk)
  get_target_property(folders quicket_carrier_sdk INTERFACE_INCLUDE_DIRECTORIES)
  list(TRANSFORM folders REPLACE "^(/.*)$" "$<BUILD_INTERFACE:\\1>")
  set_target_properties(quicket_carrier_sdk PROPERTIES
    EXPORT_NAME carrier_sdk
    INTERFACE_INCLUDE_DIRECTORIES "${folders};$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  install(TARGETS quicket_carrier_sdk EXPORT quicketTargets)
endif()

# --- Programs. Carriers install themselves: quicket_add_carrier().
foreach(folder IN ITEMS quicket quicket-relay)
  quicket_targets_below(${PROJECT_SOURCE_DIR}/apps/${folder} EXECUTABLE found)
  list(APPEND quicket_programs ${found})
endforeach()
quicket_targets_below(${PROJECT_SOURCE_DIR}/plugins "MODULE_LIBRARY;SHARED_LIBRARY" quicket_carriers)
if(quicket_programs)
  install(TARGETS ${quicket_programs} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
configure_file(packaging/quicket-relay.service.in ${PROJECT_BINARY_DIR}/quicket-relay.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/quicket-relay.service DESTINATION lib/systemd/system)
add_dependencies(product quicket_shared ${quicket_programs} ${quicket_carriers})

# --- How others find it.
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/quicket)
configure_package_config_file(cmake/quicketConfig.cmake.in ${PROJECT_BINARY_DIR}/quicketConfig.cmake
  INSTALL_DESTINATION ${package_folder}
  PATH_VARS QUICKET_CARRIER_INSTALL_DIRECTORY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/quicketConfigVersion.cmake COMPATIBILITY SameMinorVersion)
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
  OUTPUT_VARIABLE prefix_from_pkgconfig)
configure_file(cmake/quicket.pc.in ${PROJECT_BINARY_DIR}/quicket.pc @ONLY)
install(EXPORT quicketTargets NAMESPACE quicket:: DESTINATION ${package_folder})
install(FILES
  ${PROJECT_BINARY_DIR}/quicketConfig.cmake
  ${PROJECT_BINARY_DIR}/quicketConfigVersion.cmake
  cmake/QuicketCarrier.cmake
  cmake/quicket-carrier.map
  DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/quicket.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
