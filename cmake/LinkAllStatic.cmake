# mpgemm_link_static(target libs...): link MLIR and LLVM from their archives only.
#
# Every MLIR archive of the Debian package names the LLVM shared library in its link interface. Mixed
# with static LLVM archives that registers each command-line option twice and aborts at start. So the
# interface is walked here, the shared library dropped, and the archives linked as one group.
function(mpgemm_link_static target)
  set(pending ${ARGN} LLVMNVPTXCodeGen LLVMNVPTXDesc LLVMNVPTXInfo LLVMPasses LLVMAsmPrinter LLVMBitWriter
      LLVMBitReader LLVMIRReader LLVMLinker LLVMTarget LLVMMCParser LLVMFrontendOpenMP
      LLVMFrontendOffloading LLVMExecutionEngine)
  set(visited)
  set(archives)
  while(pending)
    list(POP_FRONT pending library)
    if(library IN_LIST visited OR library MATCHES "LINK_ONLY:LLVM>" OR library STREQUAL "LLVM"
       OR NOT TARGET ${library})
      continue()
    endif()
    list(APPEND visited ${library})
    get_target_property(dependencies ${library} INTERFACE_LINK_LIBRARIES)
    if(dependencies)
      list(APPEND pending ${dependencies})
    endif()
    get_target_property(kind ${library} TYPE)
    get_target_property(imported ${library} IMPORTED)
    if(kind STREQUAL "STATIC_LIBRARY" AND imported)
      get_target_property(archive ${library} LOCATION)
      list(APPEND archives ${archive})
    endif()
  endwhile()
  find_library(MPGEMM_ZSTD_ARCHIVE libzstd.a REQUIRED)
  target_link_libraries(${target} PRIVATE -Wl,--start-group ${archives} -Wl,--end-group
                        -Wl,--as-needed -lz ${MPGEMM_ZSTD_ARCHIVE} -lz3 -ldl -lpthread -lm)
  target_link_options(${target} PRIVATE -static-libstdc++ -static-libgcc -no-pie -s
                      -Wl,--gc-sections -Wl,--icf=all)
endfunction()
