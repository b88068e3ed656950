# usage_add_test(folder.stem SOURCES a.c ... [LIBRARIES lib ...] [LABELS label] [TIMEOUT s])
# One C test program (cmocka) and its CTest entry.
# usage_add_script_test(folder.stem COMMAND ... [LABELS label] [TIMEOUT s] [ENVIRONMENT A=B ...])
# One CTest entry for a command. Labels: unit, sql, fault, e2e, docs, slow.
set(USAGE_TEST_ENVIRONMENT
  "USAGE_BUILD_DIR=${PROJECT_BINARY_DIR};USAGE_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
  "ASAN_OPTIONS=detect_leaks=1:abort_on_error=1" "UBSAN_OPTIONS=print_stacktrace=1")

function(usage_add_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LIBRARIES;LABELS" ${ARGN})
  string(REPLACE "." "_" target "test_${name}")
  add_executable(${target} ${arg_SOURCES})
  target_link_libraries(${target} PRIVATE usage_build ${arg_LIBRARIES} cmocka)
  target_compile_definitions(${target} PRIVATE USAGE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
  usage_test_entry(${name} "${arg_TIMEOUT}" "${arg_LABELS}" "" $<TARGET_FILE:${target}>)
endfunction()

function(usage_add_script_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "COMMAND;LABELS;ENVIRONMENT" ${ARGN})
  usage_test_entry(${name} "${arg_TIMEOUT}" "${arg_LABELS}" "${arg_ENVIRONMENT}" ${arg_COMMAND})
endfunction()

function(usage_test_entry name timeout labels environment)
  if(NOT timeout)
    set(timeout 120)
  endif()
  add_test(NAME ${name} COMMAND ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout} LABELS "${labels}"
    ENVIRONMENT "${USAGE_TEST_ENVIRONMENT};${environment}")
endfunction()
