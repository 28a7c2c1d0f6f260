// Emits one mma.sync of any operand types.
#ifndef MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_MMAEMITTER_H
#define MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_MMAEMITTER_H

#include "../Common/Emitter.h"
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

namespace mlir::mptile {

/// Issues the mma.sync of one row of the atom table. Operands are registers of 32 bits as ldmatrix
/// delivers them.
class MmaEmitter {
public:
  MmaEmitter(Emitter &emit, const MmaAtom &atom) : emit(emit), atom(atom) {}

  /// Registers of one 16x8 piece of the accumulator: 4 x f32 or i32, or 2 x i32 that hold pairs of
  /// f16.
  int64_t registersPerPiece() const { return isPacked() ? 2 : 4; }

  /// piece += A B, for 4 registers of A and 2 of B.
  void multiply(ArrayRef<Value> a, ArrayRef<Value> b, MutableArrayRef<Value> piece);

private:
  bool isPacked() const { return atom.acc == MmaElement::F16; }
  Type registerType();
  SmallVector<Value> toOperands(ArrayRef<Value> registers);
  Value emitMma(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c, Type result);
  Value emitFp8Mma(ArrayRef<Value> a, ArrayRef<Value> b, ArrayRef<Value> c, Type result);

  Emitter &emit;
  const MmaAtom &atom;
};

} // namespace mlir::mptile

#endif // MPGEMM_LIB_CONVERSION_MPTILETONVVM_SM80_MMAEMITTER_H
