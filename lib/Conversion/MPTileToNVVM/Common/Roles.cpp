// Lowers mptile.roles: a chain of branches on the number of the warp, one for each role.
#include "KernelLowering.h"

#include "mlir/Dialect/LLVMIR/NVVMDialect.h"

using namespace mlir;
using namespace mlir::mptile;

/// A value all lanes agree on, made known as such: the first lane's, by a shuffle.
static Value makeUniform(Emitter &emit, Value value) {
  return NVVM::ShflOp::create(emit, emit.getI32Type(), emit.i32(-1), value, emit.i32(0),
                              emit.i32(31), NVVM::ShflKind::idx, UnitAttr());
}

namespace {

struct LowerRoles : KernelPattern<RolesOp> {
  using KernelPattern::KernelPattern;

  LogicalResult matchAndRewrite(RolesOp op, OpAdaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Emitter emit(op.getLoc(), rewriter);
    Value warp = makeUniform(emit, emit.shrU(kernel.threadInCta, 5));
    lowerFrom(op, 0, warp, rewriter);
    rewriter.eraseOp(op);
    return success();
  }

private:
  /// Roles `index` and later: if (warp < end of the role) { role } else { the others }.
  void lowerFrom(RolesOp op, unsigned index, Value warp,
                 ConversionPatternRewriter &rewriter) const {
    Emitter emit(op.getLoc(), rewriter);
    RoleLowering &role = kernel.roles[index + 1];
    if (index + 1 == op.getRoles().size())
      return lowerRole(op, role, op.getBodies()[index], warp, rewriter);
    Value belongs = emit.lessU(warp, role.firstWarp + role.attribute.getNumWarps());
    auto ifOp = scf::IfOp::create(emit, belongs, /*withElseRegion=*/true);
    rewriter.setInsertionPointToStart(ifOp.thenBlock());
    lowerRole(op, role, op.getBodies()[index], warp, rewriter);
    rewriter.setInsertionPointToStart(ifOp.elseBlock());
    lowerFrom(op, index + 1, warp, rewriter);
    rewriter.setInsertionPointAfter(ifOp);
  }

  void lowerRole(RolesOp op, RoleLowering &role, Region &body, Value warp,
                 ConversionPatternRewriter &rewriter) const {
    Emitter emit(op.getLoc(), rewriter);
    emitRegisters(role, emit);
    Value warpInRole = emit.sub(warp, role.firstWarp);
    role.instance =
        role.attribute.getInstances() == 1 ? emit.i32(0) : emit.divU(warpInRole, role.numWarps);
    role.warp = emit.sub(warpInRole, emit.mul(role.instance, role.numWarps));
    role.lane = emit.andI(kernel.threadInCta, 31);
    role.thread = emit.sub(emit.sub(kernel.threadInCta, 32 * role.firstWarp),
                           emit.mul(role.instance, 32 * role.numWarps));
    role.barrier = emit.add(role.instance, role.firstBarrier);
    if (role.singleThread) {
      // elect.sync, because a predicate on the lane would put a loop around each bulk copy.
      auto firstWarp = scf::IfOp::create(emit, emit.equal(role.warp, 0), /*withElseRegion=*/false);
      rewriter.setInsertionPointToStart(firstWarp.thenBlock());
      Value elected =
          NVVM::ElectSyncOp::create(rewriter, op.getLoc(), rewriter.getI1Type(), Value());
      auto ifElected = scf::IfOp::create(rewriter, op.getLoc(), elected, /*withElseRegion=*/false);
      rewriter.setInsertionPointToStart(ifElected.thenBlock());
    }
    rewriter.eraseOp(body.front().getTerminator());
    rewriter.inlineBlockBefore(&body.front(), rewriter.getInsertionBlock(),
                               rewriter.getInsertionPoint(), role.instance);
  }

  /// All threads start with an equal share of the register file; a role gives back or takes
  /// registers.
  void emitRegisters(RoleLowering &role, Emitter &emit) const {
    int64_t atLaunch = std::min<int64_t>(65536 / (kernel.threads * kernel.minCtas) / 8 * 8, 255);
    int32_t registers = role.attribute.getRegisters();
    if (registers == 0 || registers == atLaunch)
      return;
    NVVM::SetMaxRegisterOp::create(emit, registers,
                                   registers < atLaunch ? NVVM::SetMaxRegisterAction::decrease
                                                        : NVVM::SetMaxRegisterAction::increase);
  }
};

} // namespace

void mlir::mptile::populateRolePatterns(const LLVMTypeConverter &converter,
                                        RewritePatternSet &patterns, KernelLowering &kernel) {
  patterns.add<LowerRoles>(converter, patterns.getContext(), kernel);
}
