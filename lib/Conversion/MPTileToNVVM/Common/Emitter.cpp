// The longer helpers of Emitter.
#include "Emitter.h"

using namespace mlir;
using namespace mlir::mptile;

SmallVector<Value> Emitter::explode(Value aggregate) {
  SmallVector<Value> elements;
  auto type = cast<LLVM::LLVMStructType>(aggregate.getType());
  for (size_t i = 0; i < type.getBody().size(); ++i)
    elements.push_back(extract(aggregate, i));
  return elements;
}

Value Emitter::implode(Type structType, ValueRange elements) {
  Value aggregate = LLVM::PoisonOp::create(*this, structType);
  for (auto [i, element] : llvm::enumerate(elements))
    aggregate = LLVM::InsertValueOp::create(*this, aggregate, element, i);
  return aggregate;
}

void Emitter::ifThen(Value condition, function_ref<void()> body) {
  auto ifOp = scf::IfOp::create(*this, condition, /*withElseRegion=*/false);
  InsertionGuard guard(*this);
  setInsertionPointToStart(ifOp.thenBlock());
  body();
}

SmallVector<Value> Emitter::ifElse(TypeRange types, Value condition,
                                   function_ref<SmallVector<Value>()> thenBody,
                                   function_ref<SmallVector<Value>()> elseBody) {
  auto ifOp = scf::IfOp::create(*this, types, condition, /*withElseRegion=*/true);
  InsertionGuard guard(*this);
  auto fill = [&](Block *block, function_ref<SmallVector<Value>()> body) {
    if (block->empty())
      setInsertionPointToEnd(block);
    else
      setInsertionPoint(&block->back());
    SmallVector<Value> values = body();
    if (!types.empty())
      scf::YieldOp::create(*this, values);
  };
  fill(ifOp.thenBlock(), thenBody);
  fill(ifOp.elseBlock(), elseBody);
  return llvm::to_vector_of<Value>(ifOp.getResults());
}
