// Rebuilding an mpgemm.matmul with other epilogue operands or results.
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::mpgemm;

MatmulOp mpgemm::takeWithEpilogue(RewriterBase &rewriter, MatmulOp op, TypeRange results,
                                  ValueRange epilogueOperands, ArrayRef<AffineMap> epilogueMaps) {
  OperationState state(op.getLoc(), MatmulOp::getOperationName());
  state.addTypes(results);
  state.addOperands(op->getOperands().drop_back(op.getEpilogueOperands().size()));
  state.addOperands(epilogueOperands);
  MatmulOp::Properties properties = op.getProperties();
  properties.epilogue_maps = rewriter.getAffineMapArrayAttr(epilogueMaps);
  properties.operandSegmentSizes.back() = epilogueOperands.size();
  state.getOrAddProperties<MatmulOp::Properties>() = properties;
  state.addAttributes(llvm::to_vector(op->getDiscardableAttrs()));
  state.addRegion()->takeBody(op.getEpilogue());
  return cast<MatmulOp>(rewriter.create(state));
}

MatmulOp mpgemm::dropUnusedResults(RewriterBase &rewriter, MatmulOp op) {
  SmallVector<unsigned> used;
  for (OpResult result : op->getResults())
    if (!result.use_empty())
      used.push_back(result.getResultNumber());
  if (used.empty() || used.size() == op->getNumResults() || op.getResultScalingAttr())
    return op;

  OpBuilder::InsertionGuard guard(rewriter);
  rewriter.setInsertionPoint(op);
  SmallVector<Type> types;
  SmallVector<Value> yielded;
  Operation *yield = op.getEpilogueBlock()->getTerminator();
  for (unsigned index : used) {
    types.push_back(op.getResultType(index));
    yielded.push_back(yield->getOperand(index));
  }
  rewriter.modifyOpInPlace(yield, [&]() { yield->setOperands(yielded); });
  SmallVector<AffineMap> maps =
      llvm::to_vector(op.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
  MatmulOp smaller = takeWithEpilogue(rewriter, op, types, op.getEpilogueOperands(), maps);
  for (auto [index, result] : llvm::zip(used, smaller->getResults()))
    rewriter.replaceAllUsesWith(op->getResult(index), result);
  rewriter.eraseOp(op);
  return smaller;
}

static bool isZeroScalar(Value value) {
  return matchPattern(value, m_AnyZeroFloat()) || matchPattern(value, m_Zero());
}

bool mpgemm::isZeroTensor(Value value) {
  if (auto fill = value.getDefiningOp<linalg::FillOp>())
    return isZeroScalar(fill.getInputs()[0]);
  // A fill in general form: the body yields a constant.
  if (auto generic = value.getDefiningOp<linalg::GenericOp>())
    return generic.getNumResults() == 1 && generic.getNumReductionLoops() == 0 &&
           isZeroScalar(generic.getBody()->getTerminator()->getOperand(0));
  DenseElementsAttr dense;
  if (!matchPattern(value, m_Constant(&dense)) || !dense.isSplat())
    return false;
  if (isa<FloatType>(dense.getElementType()))
    return dense.getSplatValue<APFloat>().isZero();
  return isa<IntegerType>(dense.getElementType()) && dense.getSplatValue<APInt>().isZero();
}
