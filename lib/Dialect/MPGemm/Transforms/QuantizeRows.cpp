// Quantisation of fragments whose rows share a scale: the largest magnitude by a reduction, in the
// type of the values, then the arithmetic that mpgemm.dynamic_quantize defines, in f32.
#include "QuantizeRows.h"

#include "FragmentMap.h"
#include "Quantization.h"

using namespace mlir;
using namespace mlir::mpgemm;

static mptile::FragType getFragment(Value value) { return cast<mptile::FragType>(value.getType()); }

RowScales mpgemm::buildRowScales(ImplicitLocOpBuilder &b, Value values, Type code, Type scale) {
  mptile::FragType type = getFragment(values);
  SmallVector<int64_t> shape{type.getRows(), 1};
  Type f32 = b.getF32Type();
  Value amax = mptile::ReduceOp::create(
      b, type.cloneWith(shape, type.getElementType()), values,
      mptile::ReductionAttr::get(b.getContext(), mptile::Reduction::AbsMax),
      b.getI64IntegerAttr(1));
  SmallVector<Value> both =
      buildMap(b, amax, {type.cloneWith(shape, scale), type.cloneWith(shape, f32)},
               [&](ValueRange arguments) {
                 Value wide = convertScalar(b, b.getLoc(), arguments[0], f32, false);
                 Value stored = buildScale(b, b.getLoc(), wide, code, scale);
                 return SmallVector<Value>{stored, buildReciprocal(b, b.getLoc(), stored)};
               });
  return {both[0], both[1]};
}

Value mpgemm::buildRowCodes(ImplicitLocOpBuilder &b, Value values, Value reciprocals, Type code) {
  mptile::FragType type = getFragment(values);
  return buildMap(b, {values, reciprocals}, type.cloneWith(type.getShape(), code),
                  [&](ValueRange arguments) {
                    Value wide = convertScalar(b, b.getLoc(), arguments[0], b.getF32Type(), false);
                    return SmallVector<Value>{buildCode(b, b.getLoc(), wide, arguments[1], Value(),
                                                        code, /*isUnsigned=*/false)};
                  })[0];
}
