# Language level, warnings, sanitizers and where build products land.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

include(GNUInstallDirs)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(QUICKET_CARRIER_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/quicket/carriers)
set(QUICKET_CARRIER_INSTALL_DIRECTORY ${CMAKE_INSTALL_LIBDIR}/quicket/carriers)

# Assertions guard invariants and stay on in Release.
string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")
string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_RELEASE "${CMAKE_CXX_FLAGS_RELEASE}")

find_program(QUICKET_CCACHE ccache)
if(QUICKET_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${QUICKET_CCACHE})
endif()

# Linking is a good part of a build with this many test programs.
find_program(QUICKET_MOLD mold)
if(QUICKET_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(quicket_warnings INTERFACE)
target_compile_options(quicket_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wno-missing-field-initializers
  $<$<BOOL:${QUICKET_WERROR}>:-Werror>)

if(QUICKET_SANITIZE)
  # A report needs lines, not variables: with full debug information compiling takes a third longer.
  # GCC sees uninitialized values in what sanitizers add.
  add_compile_options(-fsanitize=${QUICKET_SANITIZE} -fno-omit-frame-pointer -O1 -g1 $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  add_link_options(-fsanitize=${QUICKET_SANITIZE})
  if(QUICKET_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
endif()
