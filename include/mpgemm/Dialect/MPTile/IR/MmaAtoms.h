// The tensor-core instructions: one table that verifier, schedule choice, lowerings and
// documentation read.
#ifndef MPGEMM_DIALECT_MPTILE_IR_MMAATOMS_H
#define MPGEMM_DIALECT_MPTILE_IR_MMAATOMS_H

#include "mlir/IR/Types.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace mlir::mptile {

/// Element types as tensor cores name them.
enum class MmaElement { F16, BF16, TF32, E4M3, E5M2, S8, U8, F32, S32 };

/// The name of an element type in PTX: f16, bf16, tf32, e4m3, ...
llvm::StringRef stringifyMmaElement(MmaElement element);

/// The tensor-core element of an operand type (f32 is multiplied as tf32, i8 as s8 or u8), if there
/// is one.
std::optional<MmaElement> getOperandElement(Type type, bool isUnsigned = false);
/// The tensor-core element of an accumulator type (f32, f16, i32), if there is one.
std::optional<MmaElement> getAccumulatorElement(Type type);

/// One tensor-core instruction. `name` reads left to right: generation, shape, accumulator, A, B.
struct MmaAtom {
  llvm::StringRef name;
  /// Targets that have it: the base name, `sm_80` meaning sm_80 and later, `sm_90a` exactly that.
  llvm::StringRef arch;
  int64_t m;
  /// Columns: a fixed number, or any multiple of `nStep` up to `n` (wgmma; integer wgmma: see
  /// isLegalN).
  int64_t n, nStep;
  int64_t k;
  MmaElement acc, a, b;
  /// A may be a fragment in registers (always so for mma.sync, whose operands are loaded to
  /// registers).
  bool aInRegisters;
  /// Operands may be MN-major in shared memory; all may be K-major.
  bool mnMajor;
  /// The section of the PTX ISA that describes the instruction.
  llvm::StringRef ptxSection;
  /// Whether a lowering exists today.
  bool lowered;

  bool isWgmma() const { return m == 64; }
  /// Whether the instruction exists with this number of columns.
  bool isLegalN(int64_t columns) const;
  /// Whether a kernel for this target may use it.
  bool isOn(llvm::StringRef target) const;
};

/// The whole table.
llvm::ArrayRef<MmaAtom> getMmaAtoms();

/// The instruction that a product of these types uses on a target. `warpgroup` says whether the
/// warps of the accumulator are a warpgroup stacked along M (4x1), which is what wgmma needs. Null
/// if there is none.
const MmaAtom *findMmaAtom(llvm::StringRef target, Type a, Type b, Type acc, bool warpgroup,
                           bool unsignedA = false, bool unsignedB = false);

/// The products a target has a lowering for, by warpgroups or by single warps, for messages:
/// "f16 x f16 in f32, s8 x s8 in s32".
std::string describeMmaAtoms(llvm::StringRef target, bool warpgroup);

} // namespace mlir::mptile

#endif // MPGEMM_DIALECT_MPTILE_IR_MMAATOMS_H
