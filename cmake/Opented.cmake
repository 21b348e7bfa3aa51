# Compiler settings that every target shares, and the two ways to make a target.

option(OPENTED_TESTS "Build the tests" ON)
option(OPENTED_BENCH "Build the benchmarks" OFF)
option(OPENTED_FUZZ "Build the libFuzzer targets (clang only)" OFF)
set(OPENTED_SANITIZE "" CACHE STRING "Value for -fsanitize, e.g. address,undefined")
option(OPENTED_COVERAGE "Instrument for coverage" OFF)

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(PkgConfig REQUIRED)

add_library(opented_flags INTERFACE)
target_compile_options(opented_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # libstdc++ 12 uses what it deprecates itself (std::get_temporary_buffer in stable_sort).
  target_compile_options(opented_flags INTERFACE -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: operator+(const char*, std::string&&) is reported as an overlapping copy.
  target_compile_options(opented_flags INTERFACE -Wno-restrict)
endif()
target_include_directories(opented_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(opented_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -D_GLIBCXX_ASSERTIONS -fstack-clash-protection -fcf-protection
    -fstack-protector-strong -ftrivial-auto-var-init=zero)
  target_link_options(opented_flags INTERFACE -pie -Wl,-z,relro,-z,now)
endif()
if(OPENTED_SANITIZE)
  target_compile_options(opented_flags INTERFACE -fsanitize=${OPENTED_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(opented_flags INTERFACE -fsanitize=${OPENTED_SANITIZE})
  target_compile_definitions(opented_flags INTERFACE OPENTED_SANITIZED=1)
endif()
if(OPENTED_FUZZ)
  target_compile_options(opented_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(OPENTED_COVERAGE)
  target_compile_options(opented_flags INTERFACE --coverage)
  target_link_options(opented_flags INTERFACE --coverage)
endif()

# opented_library(NAME [SOURCES file…] [LINK target…])
# One layer, or one platform adapter. LINK is public: a layer's headers show the layers that it may know.
function(opented_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE opented_flags)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
endfunction()

# opented_program(NAME SOURCES file… [LINK target…])
function(opented_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} opented_flags)
endfunction()

# Files that have a name of their own, in an unnamed namespace or from a system header, that another file of the target has too: a unity
# build (CMakePresets.json says which are) compiles them by themselves. Beware of functions that differ in their parameters alone: both are in
# sight then, and a call may mean the other one, which no compiler says; the tests that run in both builds do.
function(opented_alone)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# opented_system_library(TARGET pkg-config-module)
# A third-party library as an imported target: its headers are system headers, so our warnings do not judge them.
function(opented_system_library target module)
  if(NOT TARGET ${target})
    pkg_check_modules(${target}_pc REQUIRED IMPORTED_TARGET GLOBAL ${module})
    add_library(${target} ALIAS PkgConfig::${target}_pc)
  endif()
endfunction()

# opented_bpf(NAME USER source.cpp DEFINE NAME_OF_PATH)
# Compiles NAME.bpf.c, which shares NAME_layout.h with us, for the kernel: by clang, whatever compiles the rest. The
# source file USER is told by the definition DEFINE where the object is, and is compiled anew when that changes.
function(opented_bpf name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "USER;DEFINE" "")
  find_program(CLANG_BPF clang-19 REQUIRED)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.bpf.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CLANG_BPF} -O2 -g -target bpf -Wall -Wextra -Werror -I/usr/include/${CMAKE_CXX_LIBRARY_ARCHITECTURE}
      -ffile-prefix-map=${PROJECT_SOURCE_DIR}/= -fdebug-compilation-dir=. -c ${CMAKE_CURRENT_SOURCE_DIR}/${name}.bpf.c -o ${object}
    DEPENDS ${name}.bpf.c ${name}_layout.h
    VERBATIM)
  set_source_files_properties(${arg_USER} PROPERTIES OBJECT_DEPENDS ${object} COMPILE_DEFINITIONS ${arg_DEFINE}="${object}")
endfunction()
