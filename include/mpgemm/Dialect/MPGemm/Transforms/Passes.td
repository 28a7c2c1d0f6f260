// The passes over the mpgemm dialect.
#ifndef MPGEMM_TRANSFORMS_PASSES_TD
#define MPGEMM_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

def PreparePass : Pass<"mpgemm-prepare", "::mlir::ModuleOp"> {
  let summary = "resolve what exporters write around a model";
  let description = [{
    Constant globals (`ml_program.global`) become constants at their loads. What a program cannot hold is
    refused with its location: control flow, calls that were not inlined, mutable globals, arguments and results
    that are not tensors, tensors of types that no kernel computes with. Sizes that an op requires to be equal
    are asserted where they come from different arguments.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::cf::ControlFlowDialect",
                           "::mlir::tensor::TensorDialect"];
}

def ToLinalgPass : Pass<"mpgemm-to-linalg"> {
  let summary = "decompose products and quantisation into linalg, arith and math";
  let description = [{
    Rewrites each op of the dialect as linalg.generic ops that compute its formula with the rounding the op
    promises. The result runs on a CPU (`mlir-runner`) and is the definition that kernels are compared
    with; it is not meant to be fast.
  }];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def LegalizePass : Pass<"mpgemm-legalize"> {
  let summary = "rewrite products until tensor cores multiply them directly";
  let description = [{
    After fusion, before a schedule is chosen:

    - Scales that are constant along K become extra operands of the epilogue and multiplications in f32 at its head, in the
      order `--mpgemm-to-linalg` uses. Scales that vary along K stay.
    - Zero points that are constant along K become terms of the epilogue, exact in i32: the sum of products
      less zA times the column sums of B and zB times the row sums of A, plus K zA zB. The sums are linalg
      reductions of the operand, hoisted where it is constant.
    - 8-bit and f32 operands whose rows run along M or N are transposed first: tensor cores read them along K.

    With `only-quantize` it only decomposes `mpgemm.quantize` and `mpgemm.dequantize` into elementwise linalg ops, so that they fuse
    with their neighbours, and gives products the scales of a `mpgemm.dequantize` of both operands.

    A product that has no lowering is an error that names its types and what would work. Remarks of the category
    `mpgemm-legalize` say what was done.
  }];
  let options = [Option<"onlyQuantize", "only-quantize", "bool", "false",
                        "decompose quantize and dequantize, leave products alone">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
                           "::mlir::tensor::TensorDialect"];
}

def RaisePass : Pass<"mpgemm-raise"> {
  let summary = "turn contractions of linalg into products";
  let description = [{
    Rewrites linalg.matmul, batch_matmul, contract and contraction linalg.generic ops as
    `mpgemm.matmul`. Transposes, broadcasts and widening casts of the operands become part of the product, a zero
    initial value is dropped, a broadcast one is added in the epilogue, and dimensions that
    form M, N or K together are merged.

    A contraction that sums in f16 or bf16 is raised to sums in f32 with one rounding, and a remark
    says so. One that converts its operands with loss, or whose types or dimension order a product does
    not have, stays; a remark says why (`--remarks-filter=mpgemm-raise`).
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::mpgemm::MPGemmDialect",
                           "::mlir::tensor::TensorDialect"];
}

def NameLayersPass : Pass<"mpgemm-name-layers", "::mlir::func::FuncOp"> {
  let summary = "name the products of a function";
  let description = [{
    Every `mpgemm.matmul` gets the attribute `mpgemm.layer = "<function>.<n>"`, counted in the order of the function;
    a name that is there already is kept. Later passes carry it to the launch that computes the product, and the artifact
    lists it: calibration files and comparisons between two versions of a model speak of layers by these names.
  }];
}

def AutocastPass : Pass<"mpgemm-autocast", "::mlir::ModuleOp"> {
  let summary = "multiply f32 operands in a lower precision";
  let description = [{
    `--mpgemm-autocast=tf32|f16|bf16|fp8|int8` casts the products of a model in f32, as a policy decides for each of
    them: `tf32` sets `f32_precision`; `f16` and `bf16` round the operands; `fp8` (f8E4M3FN) and `int8` quantise them. Weights
    that are constants are converted here, once each, and are stored in the low type. Other operands are converted
    by ops behind their value: an elementwise one, `mpgemm.quantize` where the calibration file has a range, else
    `mpgemm.dynamic_quantize`. Sums, epilogues, results and everything that is no product stay as they are.

    docs/autocast.md describes the policy and the calibration file. Remarks of the category `mpgemm-autocast` say for
    each product what was decided and why.
  }];
  let options = [
    Option<"precision", "precision", "std::string", "", "tf32, f16, bf16, fp8 or int8; the word alone will do">,
    Option<"policyFile", "policy", "std::string", "", "a policy in place of the built-in one">,
    Option<"calibrationFile", "calibration", "std::string", "", "ranges that mpgemm-run --calibrate wrote">,
    Option<"lastLayer", "last-layer", "bool", "false", "no product counts as the last one">,
    Option<"target", "target", "std::string", "", "refuse types for which this architecture has no instruction">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
                           "::mlir::mpgemm::MPGemmDialect", "::mlir::tensor::TensorDialect"];
}

def FusePass : Pass<"mpgemm-fuse"> {
  let summary = "move elementwise users of products into their epilogues";
  let description = [{
    An elementwise linalg op that reads the result of a product at its own element becomes part of the product's
    epilogue, with its other operands (read at projections of batch x M x N; through broadcasts, transposes and one
    reshape), again and again until none is left. A result whose users are all elementwise is shared
    by them and dropped once it is not needed; one that something else uses too is not fused away, and a
    remark says so (`--remarks-filter=mpgemm-fuse`).

    arith conversions stay as written. With `fold-intermediate-rounding` a value that one op rounds to a shorter type
    and the next one widens again keeps its accuracy in between, and a remark says so.
  }];
  let options = [Option<"foldIntermediateRounding", "fold-intermediate-rounding", "bool", "true",
                        "drop a rounding between two fused ops that is widened again at once">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::mpgemm::MPGemmDialect",
                           "::mlir::tensor::TensorDialect"];
}

def SchedulePass : Pass<"mpgemm-schedule"> {
  let summary = "choose tiles, stages and roles for each product";
  let description = [{
    Every `mpgemm.matmul` gets a complete `#mpgemm.schedule`. One written by hand is kept, completed and checked;
    an impossible one is an error that names the numbers. Otherwise a cost model ranks the schedules that fit by
    waves x K blocks x max(tensor core, shared memory, L2, latency), and the fastest is taken. Remarks of the
    category `mpgemm-schedule` say what was chosen and why, and what kept a product from a faster kernel.

    Where M is dynamic, a product gets a `#mpgemm.dispatch` too: at most six kernels that together stay near the time
    of the best schedule, as predicted, at every M up to 16384. `dynamic-m` asks for one schedule instead.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"sm_90a\"", "architecture: sm_80, sm_89, sm_90a or sm_120a">,
    Option<"dynamicM", "dynamic-m", "int64_t", "0",
           "rows to expect where M is dynamic: one schedule, the best for so many (0: a dispatch over M)">,
    Option<"dynamicSize", "dynamic-size", "int64_t", "4096", "size to expect where N or K is dynamic">];
}

def TilePass : Pass<"mpgemm-tile", "::mlir::ModuleOp"> {
  let summary = "write a kernel for each product and launch it";
  let description = [{
    Every `mpgemm.matmul` with a schedule becomes an `mptile.kernel` in the module and an `mptile.launch` in its
    place. Products with the same types, schedule and epilogue share one kernel.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"sm_90a\"", "architecture: sm_80, sm_89, sm_90a or sm_120a">];
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::mptile::MPTileDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def KernelizePass : Pass<"mpgemm-kernelize", "::mlir::ModuleOp"> {
  let summary = "turn what is left of a function into simple kernels";
  let description = [{
    After `--mpgemm-tile`: linalg ops (elementwise, reductions, transposes, fills) and tensor ops that move data
    (pad, concat, slices, splat, generate) become kernels with one thread for each element of the result, and a
    launch. Elementwise ops with one user are merged into it first. Reshapes, casts, constants and sizes stay.
    Products that did not become `mpgemm.matmul`, and ops that have no kernel, are errors at their location.
    Assertions inside a body (`cf.assert`) are dropped: a kernel cannot report them.
  }];
  let options = [
    Option<"target", "target", "std::string", "\"sm_90a\"", "architecture: sm_80, sm_89, sm_90a or sm_120a">];
  let dependentDialects = ["::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect", "::mlir::mptile::MPTileDialect",
                           "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

#endif // MPGEMM_TRANSFORMS_PASSES_TD
