// Products that quantise their result: what a kernel can do in its epilogue, and how a product gets
// there.
//
// A kernel chooses the scales of its result where a tile holds all elements that share one: groups
// of columns that divide N, or rows of a narrow result.
#include "ResultScales.h"

#include "Remarks.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;
using namespace mlir::mpgemm;

/// Widths of tiles, and of the part of one that the epilogue takes at a time.
static constexpr int64_t kTileColumns[] = {32, 64, 96, 128, 160, 192, 224, 256};

int64_t mpgemm::getColumnsOfScale(ScalingAttr scaling, int64_t n, std::string &reason) {
  ScalingKind kind = scaling.getKind();
  int64_t columns = kind == ScalingKind::Row ? n : scaling.getKBlock();
  if (kind != ScalingKind::Row && kind != ScalingKind::Group && kind != ScalingKind::MX)
    reason = "scales of this granularity depend on several tiles";
  else if (ShapedType::isDynamic(n))
    reason = "the number of columns is known only when the program runs";
  else if (!llvm::is_contained(kTileColumns, columns))
    reason = "a scale belongs to " + std::to_string(columns) +
             " columns; a tile holds multiples of 32 up to 256";
  else if (n % columns != 0)
    reason = "groups of " + std::to_string(columns) + " columns do not divide the " +
             std::to_string(n) + " of the result";
  return reason.empty() ? columns : 0;
}

int64_t mpgemm::getQuantizedColumns(MatmulOp op) {
  std::string reason;
  ScalingAttr scaling = op.getResultScalingAttr();
  return scaling ? getColumnsOfScale(scaling, op.getStaticN(), reason) : 0;
}

/// Whether each matrix of a batch has scales of its own.
static bool hasBatchedScales(ScalingAttr scaling, RankedTensorType scales, int64_t resultRank) {
  return scales.getRank() == resultRank - (scaling.getKind() == ScalingKind::Row ? 1 : 0);
}

static std::string whyNotQuantized(ScalingAttr scaling, RankedTensorType codes,
                                   RankedTensorType scales) {
  std::string reason;
  if (codes.getElementTypeBitWidth() != 8)
    return "a kernel stores codes of 8 bits";
  if (!hasBatchedScales(scaling, scales, codes.getRank()))
    return "the batch shares its scales";
  getColumnsOfScale(scaling, codes.getShape().back(), reason);
  return reason;
}

std::string mpgemm::whyNotQuantized(MatmulOp op) {
  ScalingAttr scaling = op.getResultScalingAttr();
  if (!scaling)
    return "";
  return ::whyNotQuantized(scaling, op.getResultType().clone(op.getOutputShape()),
                           cast<RankedTensorType>(op.getResultScale().getType()));
}

/// Why `quantize` cannot move into `product`; empty if it can.
static std::string whyNotFused(MatmulOp product, DynamicQuantizeOp quantize) {
  RankedTensorType x = quantize.getX().getType();
  if (!quantize.getX().hasOneUse())
    return "the values have other users";
  if (quantize.getX() != product.getOutputs().front())
    return "only the first result of a product is quantized";
  return whyNotQuantized(quantize.getScaling(),
                         x.clone(quantize.getCodes().getType().getElementType()),
                         quantize.getScale().getType());
}

/// The first value of the epilogue in f32.
static void widenFirstValue(RewriterBase &rewriter, Block *epilogue, bool foldsRounding) {
  OpBuilder::InsertionGuard guard(rewriter);
  Operation *yield = epilogue->getTerminator();
  Value value = yield->getOperand(0);
  Type f32 = rewriter.getF32Type();
  if (value.getType() == f32)
    return;
  rewriter.setInsertionPoint(yield);
  auto truncate = value.getDefiningOp<arith::TruncFOp>();
  Value wide = foldsRounding && truncate && truncate.getIn().getType() == f32
                   ? truncate.getIn()
                   : Value(arith::ExtFOp::create(rewriter, yield->getLoc(), f32, value));
  rewriter.modifyOpInPlace(yield, [&] { yield->setOperand(0, wide); });
}

MatmulOp mpgemm::fuseQuantization(RewriterBase &rewriter, MatmulOp product, bool foldsRounding,
                                  StringRef pass) {
  if (product.getResultScalingAttr())
    return {};
  for (Value result : product.getOutputs())
    for (Operation *user : result.getUsers()) {
      auto quantize = dyn_cast<DynamicQuantizeOp>(user);
      if (!quantize || quantize->getBlock() != product->getBlock())
        continue;
      if (std::string reason = whyNotFused(product, quantize); !reason.empty()) {
        remarkMissed(quantize, pass, reason + ": quantized by a kernel of its own");
        continue;
      }
      remarkPassed(quantize, pass, "moved into the epilogue of a product");
      product.getOrCreateEpilogue(rewriter);
      rewriter.setInsertionPoint(product);
      SmallVector<Type> types(product->getResultTypes());
      types.front() = quantize.getCodes().getType();
      types.push_back(quantize.getScale().getType());
      SmallVector<AffineMap> maps =
          llvm::to_vector(product.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
      MatmulOp fused =
          takeWithEpilogue(rewriter, product, types, product.getEpilogueOperands(), maps);
      fused.setResultScalingAttr(quantize.getScaling());
      widenFirstValue(rewriter, fused.getEpilogueBlock(), foldsRounding);
      rewriter.replaceOp(quantize, ValueRange{fused->getResult(0), fused->getResults().back()});
      rewriter.replaceAllUsesWith(product->getResults(),
                                  fused->getResults().take_front(product->getNumResults()));
      rewriter.eraseOp(product);
      return fused;
    }
  return {};
}

MatmulOp mpgemm::splitQuantization(RewriterBase &rewriter, MatmulOp product, StringRef reason,
                                   StringRef pass) {
  remarkMissed(product, pass, (reason + ": its result is quantized by a kernel of its own").str());
  rewriter.setInsertionPoint(product);
  ScalingAttr scaling = product.getResultScalingAttr();
  SmallVector<Type> types(product->getResultTypes());
  types.pop_back();
  types.front() = product.getResultType().clone(rewriter.getF32Type());
  SmallVector<AffineMap> maps =
      llvm::to_vector(product.getEpilogueMaps().getAsValueRange<AffineMapAttr>());
  SmallVector<Type> codesAndScales{product->getResult(0).getType(),
                                   product->getResults().back().getType()};
  MatmulOp values = takeWithEpilogue(rewriter, product, types, product.getEpilogueOperands(), maps);
  values.removeResultScalingAttr();
  auto quantize = DynamicQuantizeOp::create(rewriter, product.getLoc(), codesAndScales[0],
                                            codesAndScales[1], values->getResult(0), scaling);
  SmallVector<Value> results(values->getResults());
  results.front() = quantize.getCodes();
  results.push_back(quantize.getScale());
  rewriter.replaceOp(product, results);
  return values;
}
