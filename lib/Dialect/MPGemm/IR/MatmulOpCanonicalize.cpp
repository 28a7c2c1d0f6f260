// The canonical form of mpgemm.matmul: operands without a transpose or a cast before them, no zero
// initial value, each extra operand once and used, each result used.
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace mlir::mpgemm;

namespace {

/// Whether `permutation` swaps the last two dimensions and keeps the others.
bool swapsMatrix(ArrayRef<int64_t> permutation) {
  int64_t rank = permutation.size();
  for (int64_t dim = 0; dim < rank - 2; ++dim)
    if (permutation[dim] != dim)
      return false;
  return rank >= 2 && permutation[rank - 2] == rank - 1;
}

/// The input of a transpose of the matrices in `value`, or null.
Value getTransposedSource(Value value) {
  auto transpose = value.getDefiningOp<linalg::TransposeOp>();
  return transpose && swapsMatrix(transpose.getPermutation()) ? transpose.getInput() : Value();
}

/// matmul(transpose(A), B) is matmul(A transposed, B). Scales are stored as their operand is and
/// would have to be transposed too, so an operand with scales keeps its transpose.
struct FoldTranspose : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    Value a = op.getAScale() ? Value() : getTransposedSource(op.getA());
    Value b = op.getBScale() ? Value() : getTransposedSource(op.getB());
    if (!a && !b)
      return rewriter.notifyMatchFailure(op, "no operand is a transposed matrix");
    rewriter.modifyOpInPlace(op, [&]() {
      if (a) {
        op.getAMutable().assign(a);
        op.setTransposeA(!op.getTransposeA());
      }
      if (b) {
        op.getBMutable().assign(b);
        op.setTransposeB(!op.getTransposeB());
      }
    });
    return success();
  }
};

struct DropZeroInit : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    if (!op.getInit() || !isZeroTensor(op.getInit()))
      return rewriter.notifyMatchFailure(op, "the initial value is not known to be zero");
    rewriter.modifyOpInPlace(op, [&]() { op.getInitMutable().clear(); });
    return success();
  }
};

/// An operand that a cast made less static is used without the cast.
struct FoldCasts : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    for (OpOperand &operand : op->getOpOperands()) {
      auto cast = operand.get().getDefiningOp<tensor::CastOp>();
      if (!cast || !tensor::canFoldIntoConsumerOp(cast))
        continue;
      rewriter.modifyOpInPlace(op, [&]() { operand.set(cast.getSource()); });
      changed = true;
    }
    return changed ? success() : rewriter.notifyMatchFailure(op, "no operand is cast");
  }
};

/// Extra operands that are read at the same elements are given once, unused ones not at all.
struct MergeEpilogueOperands : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    if (!op.hasEpilogue())
      return failure();
    Block *block = op.getEpilogueBlock();
    SmallVector<Value> operands;
    SmallVector<AffineMap> maps;
    SmallVector<unsigned> keptArguments;
    BitVector dropped(block->getNumArguments());
    for (auto [index, operand] : llvm::enumerate(op.getEpilogueOperands())) {
      AffineMap map = op.getEpilogueMap(index);
      BlockArgument argument = block->getArgument(index + 1);
      size_t same = 0;
      while (same < operands.size() && (operands[same] != operand || maps[same] != map))
        ++same;
      if (same < operands.size())
        rewriter.replaceAllUsesWith(argument, block->getArgument(keptArguments[same]));
      if (argument.use_empty()) {
        dropped.set(index + 1);
        continue;
      }
      operands.push_back(operand);
      maps.push_back(map);
      keptArguments.push_back(index + 1);
    }
    if (dropped.none())
      return rewriter.notifyMatchFailure(op, "every extra operand is used and different");
    rewriter.modifyOpInPlace(op, [&]() {
      block->eraseArguments(dropped);
      op.getEpilogueOperandsMutable().assign(operands);
      op.setEpilogueMapsAttr(rewriter.getAffineMapArrayAttr(maps));
    });
    return success();
  }
};

struct DropUnusedResults : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    bool changes = !op->use_empty() && llvm::any_of(op->getResults(), [](OpResult result) {
      return result.use_empty();
    });
    if (!changes)
      return rewriter.notifyMatchFailure(op, "every result is used");
    dropUnusedResults(rewriter, op);
    return success();
  }
};

} // namespace

void MatmulOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<FoldTranspose, DropZeroInit, FoldCasts, MergeEpilogueOperands, DropUnusedResults>(
      context);
}
