// --mpgemm-legalize: products as tensor cores multiply them.
//
// In: products after fusion, with scales, zero points and operands stored either way. Out: products
// without zero points, without scales that are constant along K, with 8-bit and f32 operands stored
// along K. The parts are in Legalize*.cpp. `only-quantize` runs before fusion and leaves
// elementwise ops to it.
#include "Legalize.h"
#include "Quantization.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_LEGALIZEPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

struct LegalizePass : mpgemm::impl::LegalizePassBase<LegalizePass> {
  using LegalizePassBase::LegalizePassBase;

  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (onlyQuantize)
      return decomposeQuantize(rewriter);
    SmallVector<MatmulOp> products;
    getOperation()->walk([&](MatmulOp op) { products.push_back(op); });
    for (MatmulOp product : products) {
      if (failed(legalizeZeroPoints(rewriter, product)))
        return signalPassFailure();
      legalizeScales(rewriter, product);
      legalizeLayout(rewriter, product);
    }
  }

  void decomposeQuantize(IRRewriter &rewriter) {
    getOperation()->walk([&](MatmulOp op) { raiseDequantized(rewriter, op); });
    getOperation()->walk([&](Operation *op) {
      rewriter.setInsertionPoint(op);
      if (auto quantize = dyn_cast<QuantizeOp>(op))
        rewriter.replaceOp(op, decompose(rewriter, quantize));
      else if (auto dequantize = dyn_cast<DequantizeOp>(op)) {
        if (op->use_empty())
          rewriter.eraseOp(op);
        else
          rewriter.replaceOp(op, decompose(rewriter, dequantize));
      }
    });
  }
};

} // namespace
