// The canonical form of mpgemm.matmul: operands without a transpose or a cast before them, no zero
// initial value, each extra operand once and used, each result used and as static as is known.
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

/// Whether tensor cores read codes of this type along K only.
bool isReadAlongK(Value value) {
  Type code = getElementTypeOrSelf(value.getType());
  return code.isF32() || code.isInteger() || code.getIntOrFloatBitWidth() <= 8;
}

/// matmul(transpose(A), B) is matmul(A transposed, B), where the kernel can read A as it is then
/// stored. Scales are stored as their operand is and would have to be transposed too, so an operand
/// with scales keeps its transpose.
struct FoldTranspose : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    bool keepsA = op.getAScale() || (!op.getTransposeA() && isReadAlongK(op.getA()));
    bool keepsB = op.getBScale() || (op.getTransposeB() && isReadAlongK(op.getB()));
    Value a = keepsA ? Value() : getTransposedSource(op.getA());
    Value b = keepsB ? Value() : getTransposedSource(op.getB());
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

/// `shape` with the sizes that only `other` knows; nothing if the two disagree.
std::optional<SmallVector<int64_t>> mergeShapes(ArrayRef<int64_t> shape, ArrayRef<int64_t> other) {
  SmallVector<int64_t> merged(shape);
  for (auto [size, known] : llvm::zip_equal(merged, other)) {
    if (ShapedType::isDynamic(size))
      size = known;
    else if (!ShapedType::isDynamic(known) && known != size)
      return std::nullopt;
  }
  return merged;
}

/// A result states every size that the operands or a cast of the result know.
struct RefineResultTypes : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    if (op.getResultScalingAttr())
      return rewriter.notifyMatchFailure(op, "results and scales are refined together, or not");
    SmallVector<Type> types;
    for (OpResult result : op->getResults())
      types.push_back(refine(op, result));
    if (types == op->getResultTypes())
      return rewriter.notifyMatchFailure(op, "nothing more is known of the results");
    SmallVector<AffineMap> maps =
        llvm::to_vector(op.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
    MatmulOp refined = takeWithEpilogue(rewriter, op, types, op.getEpilogueOperands(), maps);
    SmallVector<Value> values;
    for (auto [value, type] : llvm::zip(refined.getOutputs(), op->getResultTypes())) {
      Value given = value;
      if (given.getType() != type)
        given = tensor::CastOp::create(rewriter, op.getLoc(), type, given);
      values.push_back(given);
    }
    rewriter.replaceOp(op, values);
    return success();
  }

  Type refine(MatmulOp op, OpResult result) const {
    auto type = cast<RankedTensorType>(result.getType());
    std::optional<SmallVector<int64_t>> shape = mergeShapes(type.getShape(), op.getOutputShape());
    for (Operation *user : result.getUsers()) {
      auto cast = dyn_cast<tensor::CastOp>(user);
      auto known = cast ? dyn_cast<RankedTensorType>(cast.getType()) : RankedTensorType();
      if (shape && known)
        shape = mergeShapes(*shape, known.getShape());
    }
    return shape ? RankedTensorType::get(*shape, type.getElementType()) : type;
  }
};

struct DropUnusedResults : OpRewritePattern<MatmulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(MatmulOp op, PatternRewriter &rewriter) const override {
    if (op.getResultScalingAttr())
      return rewriter.notifyMatchFailure(op, "codes and scales belong together");
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
  patterns.add<FoldTranspose, DropZeroInit, FoldCasts, MergeEpilogueOperands, RefineResultTypes,
               DropUnusedResults>(context);
}
