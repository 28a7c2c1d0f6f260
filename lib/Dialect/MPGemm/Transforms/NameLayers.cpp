// --mpgemm-name-layers: every product gets a name that stays with it down to the artifact.
//
// Enters: raised products, before anything changes their types, order or number. So two versions of
// a model that differ in what comes later (precision, fusion) give the same layer the same name.
#include "mpgemm/Dialect/MPGemm/IR/MPGemm.h"
#include "mpgemm/Dialect/MPGemm/IR/MatmulUtils.h"
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/StringSet.h"

namespace mlir::mpgemm {
#define GEN_PASS_DEF_NAMELAYERSPASS
#include "mpgemm/Dialect/MPGemm/Transforms/Passes.h.inc"
} // namespace mlir::mpgemm

using namespace mlir;
using namespace mlir::mpgemm;

namespace {
struct NameLayers : mpgemm::impl::NameLayersPassBase<NameLayers> {
  void runOnOperation() override {
    SmallVector<MatmulOp> products;
    getOperation().walk([&](MatmulOp product) { products.push_back(product); });
    llvm::StringSet<> taken;
    for (MatmulOp product : products)
      if (auto name = product->getAttrOfType<StringAttr>(kLayerAttr))
        taken.insert(name.getValue());
    for (auto [number, product] : llvm::enumerate(products)) {
      if (product->getAttrOfType<StringAttr>(kLayerAttr))
        continue;
      std::string name = (getOperation().getSymName() + Twine('.') + Twine(number)).str();
      while (!taken.insert(name).second)
        name += '_';
      product->setAttr(kLayerAttr, StringAttr::get(&getContext(), name));
    }
  }
};
} // namespace
