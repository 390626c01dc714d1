# quicket_add_carrier(name SOURCES ... [DEPENDS ...])
# Builds the carrier plugin quicket-carrier-<name>.so, which exports quicket_carrier_v1 and nothing else, into
# QUICKET_CARRIER_OUTPUT_DIRECTORY, and installs it into QUICKET_CARRIER_INSTALL_DIRECTORY, as far as these are set.
function(quicket_add_carrier name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS" ${ARGN})
  set(target quicket-carrier-${name})
  set(exports ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/quicket-carrier.map)
  add_library(${target} MODULE ${ARG_SOURCES})
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so"
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LINK_DEPENDS ${exports})
  target_link_options(${target} PRIVATE LINKER:--version-script=${exports})
  target_link_libraries(${target} PRIVATE quicket::carrier_sdk ${ARG_DEPENDS})
  if(QUICKET_CARRIER_OUTPUT_DIRECTORY)
    set_target_properties(${target} PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${QUICKET_CARRIER_OUTPUT_DIRECTORY})
  endif()
  if(QUICKET_CARRIER_INSTALL_DIRECTORY)
    install(TARGETS ${target} LIBRARY DESTINATION ${QUICKET_CARRIER_INSTALL_DIRECTORY})
  endif()
endfunction()
