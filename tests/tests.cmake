# Tests mirror the sources: tests/<folder>/test_<x>.c is one cmocka program and one ctest. Other .c files
# beside them (fixtures) go into every program of that folder; those of tests/, tests/common and tests/services into all.
enable_testing()
find_library(CMOCKA cmocka REQUIRED)
set(TEST_ENVIRONMENT
  PRAXIS_BIN=${CMAKE_BINARY_DIR}
  PRAXIS_SOURCE=${CMAKE_SOURCE_DIR}
  PRAXIS_PROTO=${PROTO_COPIES}
  "ASAN_OPTIONS=detect_stack_use_after_return=1"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")

file(GLOB testkit_sources CONFIGURE_DEPENDS tests/*.c tests/common/*.c tests/services/*.c)
list(FILTER testkit_sources EXCLUDE REGEX "/test_[^/]*\\.c$")
praxis_library(praxis_testkit ${testkit_sources})
if(testkit_sources)
  target_link_libraries(praxis_testkit PUBLIC ${CMOCKA})
else()
  target_link_libraries(praxis_testkit INTERFACE ${CMOCKA})
endif()

# praxis_ctest(<label> <seconds> <name> <command>...): one ctest, if this tree runs tests of that label.
function(praxis_ctest label seconds name)
  if(label IN_LIST PRAXIS_TEST_LABELS)
    add_test(NAME ${PRAXIS_TEST_PREFIX}${name} COMMAND ${ARGN}
      WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(${PRAXIS_TEST_PREFIX}${name} PROPERTIES
      LABELS ${label} TIMEOUT ${seconds} ENVIRONMENT "${TEST_ENVIRONMENT}"
      SKIP_RETURN_CODE 77) # what a script answers that lacks a tool it cannot do without
    if(label STREQUAL integration) # many processes each: do not judge their time while sharing
      set_tests_properties(${PRAXIS_TEST_PREFIX}${name} PROPERTIES RUN_SERIAL TRUE)
    endif()
  endif()
endfunction()

add_custom_target(tests) # everything ctest runs in this tree, and nothing else
if(integration IN_LIST PRAXIS_TEST_LABELS AND programs)
  add_dependencies(tests ${programs})
endif()

# praxis_test_folder(<folder> <label> <seconds> <library>...): every test program of tests/<folder>.
function(praxis_test_folder folder label seconds)
  string(MAKE_C_IDENTIFIER ${folder} id)
  if(NOT label IN_LIST PRAXIS_TEST_LABELS)
    return()
  endif()
  file(GLOB sources CONFIGURE_DEPENDS tests/${folder}/*.c)
  set(fixtures ${sources})
  list(FILTER fixtures EXCLUDE REGEX "/test_[^/]*\\.c$")
  list(FILTER sources INCLUDE REGEX "/test_[^/]*\\.c$")
  if(PRAXIS_TEST_MATCH)
    list(FILTER sources INCLUDE REGEX "${PRAXIS_TEST_MATCH}")
  endif()
  if(folder STREQUAL common)
    set(fixtures) # already in the testkit
  endif()
  if(fixtures)
    praxis_library(fixtures_${id} ${fixtures})
    target_link_libraries(fixtures_${id} PUBLIC praxis_testkit ${ARGN})
    set(fixtures fixtures_${id})
  endif()
  foreach(source ${sources})
    cmake_path(GET source STEM stem)
    set(program ${id}_${stem})
    add_executable(${program} ${source})
    set_target_properties(${program} PROPERTIES OUTPUT_NAME ${stem}
      RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/${folder})
    target_link_libraries(${program} praxis_strict ${fixtures} praxis_testkit ${ARGN})
    add_dependencies(tests ${program})
    praxis_ctest(${label} ${seconds} ${folder}/${stem} ${program})
  endforeach()
endfunction()

praxis_test_folder(common unit 300)
foreach(service ${SERVICES})
  string(REPLACE - _ id ${service})
  list(APPEND service_libraries praxis_${id})
  praxis_test_folder(services/${service} unit 300 praxis_${id})
endforeach()
praxis_test_folder(services/praxis unit 300 praxis_command)
foreach(folder integration faults)
  praxis_test_folder(${folder} integration 300 ${service_libraries} praxis_command)
  file(GLOB scripts CONFIGURE_DEPENDS tests/${folder}/*.sh)
  foreach(script ${scripts})
    execute_process(COMMAND test -x ${script} RESULT_VARIABLE not_executable)
    if(NOT not_executable) # a script that is not executable is a part of others
      cmake_path(GET script STEM stem)
      praxis_ctest(integration 300 ${folder}/${stem} ${script})
    endif()
  endforeach()
endforeach()
if(TARGET integration_test_story) # a story is told by the hands of the fault tests
  target_link_libraries(integration_test_story fixtures_faults)
  target_link_libraries(integration_test_story_score fixtures_faults)
  target_link_libraries(fixtures_integration PUBLIC fixtures_faults)
endif()
# These wait more than they work: two at a time. The others load the machine themselves, or are about time.
foreach(test integration/test_attacks integration/test_history integration/test_inbox_purge integration/test_permissions integration/test_run
    integration/test_story integration/test_story_score
    faults/test_archive faults/test_backup faults/test_backup_projections faults/test_broker faults/test_cluster
    faults/test_damage faults/test_erase faults/test_failing faults/test_full_state faults/test_full_stream
    faults/test_network faults/test_power faults/test_rebuild faults/test_stream_damage faults/test_rotate faults/test_snapshot faults/test_twins)
  if(TEST ${PRAXIS_TEST_PREFIX}${test})
    set_tests_properties(${PRAXIS_TEST_PREFIX}${test} PROPERTIES RUN_SERIAL FALSE)
  endif()
endforeach()
if(EXISTS ${CMAKE_SOURCE_DIR}/tests/tidy AND NOT PRAXIS_SANITIZE)
  praxis_ctest(unit 60 tidy ${CMAKE_SOURCE_DIR}/tests/tidy)
endif()

# For LD_PRELOAD: calls of a daemon that fail when a test says so.
if(NOT PRAXIS_SANITIZE)
  add_library(praxis_failing MODULE tests/faults/failing/failing.c)
  set_target_properties(praxis_failing PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/faults)
  target_link_libraries(praxis_failing praxis_strict)
  add_dependencies(tests praxis_failing)
endif()

# Benchmarks: every tests/bench/*.c is a program of its own over tests/bench/kit. CI runs the short forms,
# to see that they work; their figures mean nothing there.
file(GLOB benches CONFIGURE_DEPENDS tests/bench/*.c)
file(GLOB bench_kit CONFIGURE_DEPENDS tests/bench/kit/*.c)
add_library(praxis_bench STATIC EXCLUDE_FROM_ALL ${bench_kit})
target_link_libraries(praxis_bench PUBLIC praxis_strict praxis_testkit praxis_command praxis_common)
foreach(source ${benches})
  cmake_path(GET source STEM stem)
  add_executable(bench_${stem} ${source})
  set_target_properties(bench_${stem} PROPERTIES OUTPUT_NAME ${stem}
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  target_link_libraries(bench_${stem} praxis_strict praxis_bench)
  if(integration IN_LIST PRAXIS_TEST_LABELS)
    add_dependencies(tests bench_${stem})
  endif()
  praxis_ctest(integration 300 bench/${stem} bench_${stem} --short)
endforeach()
target_sources(bench_planning PRIVATE tests/quality/timing_plan.c)
target_link_libraries(bench_planning praxis_learning_recommender)

# The long forms of all of this, seed after seed: `make soak`. CI runs a few seconds, to see that it works.
praxis_ctest(integration 300 soak
  ${CMAKE_SOURCE_DIR}/tests/soak/run ${CMAKE_BINARY_DIR} 10)

# How well levels, plans and impact are estimated, in a simulated company: tests/quality/README.md.
if(NOT PRAXIS_TEST_MATCH)
  file(GLOB quality_sources CONFIGURE_DEPENDS tests/quality/*.c)
  add_executable(quality ${quality_sources})
  set_target_properties(quality PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/quality)
  target_link_libraries(quality praxis_strict praxis_competency praxis_learning_recommender)
  add_dependencies(tests quality)
  if(NOT PRAXIS_SANITIZE AND integration IN_LIST PRAXIS_TEST_LABELS)
    praxis_ctest(integration 300 quality/short quality --short)
    praxis_ctest(integration 300 quality/compilers ${CMAKE_SOURCE_DIR}/tests/quality/compilers)
    set_tests_properties(${PRAXIS_TEST_PREFIX}quality/short ${PRAXIS_TEST_PREFIX}quality/compilers
      PROPERTIES RUN_SERIAL FALSE)
  endif()
endif()

# All five daemons in one program (simulator, fuzz_services_*, golden). A service's functions are its own business,
# so they may have the same names in two services: of each only its tables are left to link with.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/tests/tables)
foreach(service ${SERVICES})
  string(REPLACE - _ id ${service})
  set(tables ${CMAKE_BINARY_DIR}/tests/tables/${id}.o)
  add_custom_command(OUTPUT ${tables}
    COMMAND ${CMAKE_LINKER} -r -o ${tables}.all $<TARGET_OBJECTS:praxis_${id}>
    COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=px_${id}_service ${tables}.all ${tables}
    DEPENDS praxis_${id} COMMAND_EXPAND_LISTS VERBATIM)
  list(APPEND service_tables ${tables})
endforeach()
set_source_files_properties(${service_tables} PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
add_custom_target(service_tables DEPENDS ${service_tables})

# Fuzzers: fuzz_<x>.c links the engine, and the library of each service that its name contains, the command's
# as well; fuzz_services_<x>.c the tables of all five. Other .c files beside them go into all.
if(PRAXIS_FUZZ)
  file(GLOB fuzz_sources CONFIGURE_DEPENDS tests/fuzz/*.c)
  set(fuzzers ${fuzz_sources})
  list(FILTER fuzz_sources EXCLUDE REGEX "/fuzz_[^/]*\\.c$")
  list(FILTER fuzzers INCLUDE REGEX "/fuzz_[^/]*\\.c$")
  praxis_library(praxis_fuzzkit ${fuzz_sources})
  foreach(source ${fuzzers})
    cmake_path(GET source STEM stem)
    add_executable(${stem} ${source})
    set_target_properties(${stem} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
    target_link_libraries(${stem} praxis_strict)
    if(stem MATCHES "^fuzz_services_")
      target_sources(${stem} PRIVATE ${service_tables})
      add_dependencies(${stem} service_tables)
    elseif(stem MATCHES "^fuzz_command")
      target_link_libraries(${stem} praxis_command)
    endif()
    foreach(service ${SERVICES})
      string(REPLACE - _ id ${service})
      string(FIND ${stem} ${id} position)
      if(position GREATER -1)
        target_link_libraries(${stem} praxis_${id})
      endif()
    endforeach()
    target_link_libraries(${stem} praxis_fuzzkit praxis_testkit)
    target_link_options(${stem} PRIVATE -fsanitize=fuzzer)
    add_dependencies(tests ${stem})
  endforeach()
  if(fuzzers)
    math(EXPR fuzz_limit "${PRAXIS_FUZZ_SECONDS} * 2 + 120")
    praxis_ctest(unit ${fuzz_limit} fuzz
      ${CMAKE_SOURCE_DIR}/tests/fuzz/run ${CMAKE_BINARY_DIR}/fuzz ${PRAXIS_FUZZ_SECONDS})
  endif()
endif()

# The simulator: all five daemons in one program.
if(NOT PRAXIS_TEST_MATCH)
  file(GLOB simulator_sources CONFIGURE_DEPENDS tests/simulator/*.c)
  add_executable(simulator ${simulator_sources} ${service_tables})
  add_dependencies(simulator service_tables)
  set_target_properties(simulator PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/simulator)
  target_link_libraries(simulator praxis_strict praxis_common)
  foreach(call px_txn_commit px_bus_publish px_bus_publish_wait px_bus_publish_all
      px_bus_purge px_bus_erase px_bus_erase_all px_bus_next_ack) # crash_points.c stands between them and who calls them
    target_link_options(simulator PRIVATE -Wl,--wrap=${call})
  endforeach()
  add_dependencies(tests simulator)
  praxis_ctest(unit 120 simulator simulator --seeds 1000000 --seconds 20 --jobs 2 --again 8)
  set(every 4)
  if(PRAXIS_SANITIZE)
    set(every 40) # a fork of such a process takes ten times as long
  endif()
  praxis_ctest(unit 300 simulator/crash_points simulator --points ${every} --jobs 2)
endif()

# Logs of releases, and a sample of every public message: read and written as ever (`make golden` accepts a change).
if(NOT PRAXIS_TEST_MATCH)
  file(GLOB golden_sources CONFIGURE_DEPENDS tests/golden/*.c)
  add_executable(golden ${golden_sources} tests/fuzz/decide_build.c tests/fuzz/decide_seed.c ${service_tables})
  add_dependencies(golden service_tables)
  set_target_properties(golden PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/golden)
  target_link_libraries(golden praxis_strict praxis_common)
  add_dependencies(tests golden)
  praxis_ctest(unit 120 golden golden ${CMAKE_SOURCE_DIR}/tests/golden)
endif()
