# What every target is compiled with. No global flags anywhere.
option(SIGNALBOX_WERROR "Treat warnings as errors" OFF)
option(SIGNALBOX_BENCH "Build the benchmarks" OFF)
option(SIGNALBOX_FUZZ "Build the fuzz targets (clang only)" OFF)
set(SIGNALBOX_FUZZ_SECONDS 10 CACHE STRING "How long to run each fuzz target")
set(SIGNALBOX_SANITIZE "" CACHE STRING "Sanitizers, for example 'address,undefined'")

add_library(signalbox_options INTERFACE)
target_compile_features(signalbox_options INTERFACE cxx_std_20)
target_include_directories(signalbox_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(signalbox_options INTERFACE CAF_ENABLE_TYPE_ID_CHECKS)
target_compile_options(signalbox_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wconversion
  $<$<BOOL:${SIGNALBOX_WERROR}>:-Werror>
  # GCC 12 cries wolf at "text" + string when optimising (GCC bug 105651).
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(SIGNALBOX_SANITIZE)
  target_compile_options(signalbox_options INTERFACE
    -fsanitize=${SIGNALBOX_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(signalbox_options INTERFACE -fsanitize=${SIGNALBOX_SANITIZE})
endif()
if(SIGNALBOX_FUZZ)
  target_compile_options(signalbox_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
