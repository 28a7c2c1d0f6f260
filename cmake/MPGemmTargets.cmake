# Targets of the runtime half, and the warnings that every target of ours is built with.
function(mpgemm_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wno-unused-parameter)
  if(MPGEMM_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# mpgemm_add_runtime_library(name sources... [LINK libs...]): a static library free of LLVM.
function(mpgemm_add_runtime_library name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC ${arg_LINK})
  mpgemm_warnings(${name})
endfunction()

# mpgemm_add_unit_test(name sources... [LINK libs...]): a GoogleTest program run by ctest.
function(mpgemm_add_unit_test name)
  cmake_parse_arguments(arg "" "" "LINK" ${ARGN})
  find_package(GTest REQUIRED)
  add_executable(${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest GTest::gtest_main)
  mpgemm_warnings(${name})
  add_test(NAME ${name} COMMAND ${name})
endfunction()
