# LLVM/MLIR 22 and the targets of the compiler half.
find_program(LLVM_CONFIG NAMES llvm-config-22 REQUIRED)
execute_process(COMMAND ${LLVM_CONFIG} --cmakedir OUTPUT_VARIABLE llvm_cmake_dir
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${LLVM_CONFIG} --bindir OUTPUT_VARIABLE MPGEMM_LLVM_BIN_DIR
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE MPGEMM_LLVM_LIB_DIR
                OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
get_filename_component(mlir_cmake_dir ${llvm_cmake_dir}/../mlir ABSOLUTE)
find_package(MLIR REQUIRED CONFIG PATHS ${mlir_cmake_dir} NO_DEFAULT_PATH)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
include(LinkAllStatic)

# A library of the compiler half. LLVM is built without exceptions and with NDEBUG; code that includes
# its headers has to agree (Pass::Statistic has another size without NDEBUG).
function(mpgemm_add_compiler_library name)
  cmake_parse_arguments(arg "" "" "LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  mpgemm_compiler_flags(${name})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
  add_dependencies(${name} mpgemm-tablegen-targets ${arg_DEPENDS})
endfunction()

function(mpgemm_compiler_flags target)
  mpgemm_warnings(${target})
  set_target_properties(${target} PROPERTIES CXX_SCAN_FOR_MODULES OFF)
  target_compile_definitions(${target} PRIVATE NDEBUG _GNU_SOURCE __STDC_CONSTANT_MACROS
                             __STDC_FORMAT_MACROS __STDC_LIMIT_MACROS)
  target_compile_options(${target} PRIVATE -fno-exceptions -UNDEBUG -DNDEBUG)
  if(MPGEMM_QUICK_COMPILER_BUILD)
    target_compile_options(${target} PRIVATE -O0)
  endif()
  get_target_property(kind ${target} TYPE)
  if(TARGET mpgemm-precompiled-header AND NOT target STREQUAL mpgemm-precompiled-header AND kind STREQUAL STATIC_LIBRARY)
    target_precompile_headers(${target} REUSE_FROM mpgemm-precompiled-header)
    target_compile_options(${target} PRIVATE -fpch-instantiate-templates -Xclang -fno-pch-timestamp)
  endif()
endfunction()

# One precompiled header for all libraries of the compiler half; gcc is slower with it than without.
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/CompilerPrefix.cpp CONTENT "")
  add_library(mpgemm-precompiled-header STATIC ${CMAKE_BINARY_DIR}/CompilerPrefix.cpp)
  mpgemm_compiler_flags(mpgemm-precompiled-header)
  target_precompile_headers(mpgemm-precompiled-header PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:${CMAKE_SOURCE_DIR}/cmake/CompilerPrefix.h>)
  target_compile_options(mpgemm-precompiled-header PRIVATE
    -fpch-instantiate-templates -Xclang -fno-pch-timestamp)
endif()
