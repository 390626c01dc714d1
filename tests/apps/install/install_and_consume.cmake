# Installs a finished build into a folder of its own, then configures, builds and tests the consumer against that.
# The same with the examples, which then meet over a relay, and with an author's carrier, which then carries a dial.
# Needs: build, configuration, work, consumer, examples, carrier, harness, python, generator, arguments.
file(REMOVE_RECURSE ${work})

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}: status ${status}\n${output}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${build} --config ${configuration} --prefix ${work}/prefix)
foreach(file IN ITEMS bin/quicket bin/quicket-relay lib/systemd/system/quicket-relay.service)
  if(NOT EXISTS ${work}/prefix/${file})
    message(FATAL_ERROR "${file} is not installed")
  endif()
endforeach()
file(STRINGS ${work}/prefix/lib/systemd/system/quicket-relay.service start REGEX "^ExecStart=/.*/bin/quicket-relay$")
if(NOT start)
  message(FATAL_ERROR "the relay's unit does not start the program")
endif()
run(${CMAKE_COMMAND} -S ${consumer} -B ${work}/build -G ${generator} -DCMAKE_PREFIX_PATH=${work}/prefix
  -DEXAMPLES=${examples} ${arguments})
run(${CMAKE_COMMAND} --build ${work}/build)
run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/build --output-on-failure --no-tests=error)

run(${CMAKE_COMMAND} -S ${examples} -B ${work}/examples -G ${generator} -DCMAKE_PREFIX_PATH=${work}/prefix ${arguments})
run(${CMAKE_COMMAND} --build ${work}/examples)
run(${CMAKE_COMMAND} -E env PYTHONPATH=${harness} QUICKET_BIN_DIR=${work}/prefix/bin QUICKET_EXAMPLES=${work}/examples
  QUICKET_EXAMPLES_BY_PKG_CONFIG=${work}/build ${python} -B ${CMAKE_CURRENT_LIST_DIR}/examples_test.py)

run(${CMAKE_COMMAND} -S ${carrier} -B ${work}/carrier -G ${generator} -DCMAKE_PREFIX_PATH=${work}/prefix ${arguments})
run(${CMAKE_COMMAND} --build ${work}/carrier)
run(${CMAKE_CTEST_COMMAND} --test-dir ${work}/carrier --output-on-failure --no-tests=error)
run(${CMAKE_COMMAND} -E env PYTHONPATH=${harness} QUICKET_BIN_DIR=${work}/prefix/bin QUICKET_CARRIER_DIR=${work}/carrier
  ${python} -B ${CMAKE_CURRENT_LIST_DIR}/carrier_test.py)
