// The passes over the mptile dialect.
#ifndef MPTILE_TRANSFORMS_PASSES_TD
#define MPTILE_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def BufferizePass : Pass<"mptile-bufferize", "::mlir::ModuleOp"> {
  let summary = "turn the tensors of functions into buffers";
  let description = [{
    Runs one-shot-bufferize over the module. Arguments are read-only, except those with the attribute
    `mpgemm.inout = i`: the function writes them, and result i is that argument.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::memref::MemRefDialect"];
}

def HoistInitPass : Pass<"mptile-hoist-init", "::mlir::ModuleOp"> {
  let summary = "compute what depends on constants only once, at load";
  let description = [{
    Launches whose operands all come from constants move to a function `@init`, which the runtime calls once when it loads
    the program; the functions they came from load its results. What several functions compute alike is computed and
    stored once, and constants that only `@init` reads are freed after it. A value that takes more than twice the bytes of
    the constants it comes from (a broadcast, say) stays where it is. Remarks of the category `mptile-hoist-init` say
    what moved and what did not.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def PlanPass : Pass<"mptile-plan", "::mlir::func::FuncOp"> {
  let summary = "place the buffers of a function";
  let description = [{
    A buffer that the function returns becomes an `mptile.result_buffer`; a returned value that has no
    buffer of its own (an argument, a constant, a value returned twice) is copied into one. All other buffers
    become views of one `mptile.arena`, at offsets that are multiples of 256. Buffers of static size share
    memory by lifetime, lowest free offset first; buffers of dynamic size share regions of the size of
    their largest member, behind them.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
                           "::mlir::mptile::MPTileDialect"];
}

#endif // MPTILE_TRANSFORMS_PASSES_TD
