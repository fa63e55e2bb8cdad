# signalbox_room(<name> <files>... LINK <targets>...)
# A room of the tree: a static library signalbox::<name>.
function(signalbox_room name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_library(signalbox_${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  add_library(signalbox::${name} ALIAS signalbox_${name})
  target_link_libraries(signalbox_${name} PUBLIC signalbox_options ${arg_LINK})
endfunction()

# signalbox_test(<room>.<name> <file> LINK <targets>... [LABELS <labels>...])
# One Boost.Test executable and one CTest entry.
function(signalbox_test name file)
  cmake_parse_arguments(arg "" "" "LINK;LABELS" ${ARGN})
  string(REPLACE "." "_" target "test_${name}")
  add_executable(${target} ${file})
  target_compile_definitions(${target} PRIVATE
    BOOST_TEST_DYN_LINK BOOST_TEST_MODULE=${name})
  target_link_libraries(${target} PRIVATE
    signalbox_options Boost::unit_test_framework ${arg_LINK})
  add_test(NAME ${name} COMMAND ${target} --random)
  set_tests_properties(${name} PROPERTIES TIMEOUT 60 LABELS "${arg_LABELS}")
endfunction()

# signalbox_fuzz(<name> <file> CORPUS <dir> LINK <targets>...)
# A libFuzzer target, and a CTest entry that runs it over its corpus and then
# for SIGNALBOX_FUZZ_SECONDS on inputs of its own (see scripts/fuzz.sh). What it
# finds is kept in found/ in the build folder.
function(signalbox_fuzz name file)
  if(NOT SIGNALBOX_FUZZ)
    return()
  endif()
  cmake_parse_arguments(arg "" "CORPUS" "LINK" ${ARGN})
  add_executable(fuzz_${name} ${file})
  target_link_libraries(fuzz_${name} PRIVATE signalbox_options ${arg_LINK})
  target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  if(NOT TARGET fuzz_targets)
    add_custom_target(fuzz_targets)
  endif()
  add_dependencies(fuzz_targets fuzz_${name})

  set(found "${PROJECT_BINARY_DIR}/found/${name}")
  file(MAKE_DIRECTORY "${found}")
  add_test(NAME fuzz_run.${name} COMMAND fuzz_${name}
    -max_total_time=${SIGNALBOX_FUZZ_SECONDS} -timeout=5 -rss_limit_mb=2048
    -print_final_stats=1 "-artifact_prefix=${found}-" "${found}"
    "${arg_CORPUS}")
  set_tests_properties(fuzz_run.${name} PROPERTIES LABELS fuzz_run)
endfunction()
