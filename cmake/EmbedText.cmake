# signalbox_embed(<target> <file> <symbol>)
# Puts a file's bytes into <target>, as `signalbox::embedded::<symbol>`, a
# `std::string_view` that "embedded/<symbol>.hpp" declares for its sources.
if(CMAKE_SCRIPT_MODE_FILE)
  # cmake -DINPUT=… -DOUTPUT=… -DSYMBOL=… -P EmbedText.cmake
  file(READ "${INPUT}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  file(WRITE "${OUTPUT}" "#include \"embedded/${SYMBOL}.hpp\"

#include <cstddef>

namespace signalbox::embedded {

namespace {

constexpr std::size_t size = ${size};
constexpr char bytes[size + 1] = {
${bytes}'\\0'};

} // namespace

constinit const std::string_view ${SYMBOL}{bytes, size};

} // namespace signalbox::embedded
")
  return()
endif()

set(signalbox_embed_script "${CMAKE_CURRENT_LIST_FILE}")

function(signalbox_embed target file symbol)
  get_filename_component(input "${file}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded")
  set(output "${folder}/embedded/${symbol}.cpp")
  file(CONFIGURE OUTPUT "${folder}/embedded/${symbol}.hpp" CONTENT
"#pragma once

#include <string_view>

namespace signalbox::embedded {

extern const std::string_view @symbol@;

} // namespace signalbox::embedded
" @ONLY)
  add_custom_command(OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DINPUT=${input}" "-DOUTPUT=${output}"
      "-DSYMBOL=${symbol}" -P "${signalbox_embed_script}"
    DEPENDS "${input}" "${signalbox_embed_script}"
    COMMENT "Embedding ${symbol}" VERBATIM)
  target_sources(${target} PRIVATE "${output}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
