// The types of the mptile dialect.
#ifndef MPTILE_TYPES_TD
#define MPTILE_TYPES_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"

class MPTile_Type<string name, string typeMnemonic, list<Trait> traits = []>
    : TypeDef<MPTile_Dialect, name, traits> {
  let mnemonic = typeMnemonic;
}

def MPTile_View : MPTile_Type<"View", "view"> {
  let summary = "a dense row-major tensor in global memory";
  let description = [{
    A kernel parameter. The last dimension is contiguous; a dimension may be dynamic.

        !mptile.view<?x4096xbf16>
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRank() const { return getShape().size(); }
    bool isDynamicDim(int64_t i) const { return ShapedType::isDynamic(getShape()[i]); }
  }];
}

def MPTile_Smem : MPTile_Type<"Smem", "smem"> {
  let summary = "a tile in shared memory";
  let description = [{
    The shape is in storage order (outer x inner), as in the view the tile is filled from. A tile starts at a
    multiple of 1024 bytes. With `swizzle = S` (32, 64 or 128 bytes) it is a sequence of panels of S bytes in
    the inner dimension: each panel holds all outer rows, one row of S bytes after the other, and its 16-byte
    chunks are permuted as TMA permutes them (chunk c of row r lies at c xor (r mod 8) for S = 128). Without
    a swizzle rows follow each other.

        !mptile.smem<128x64xbf16, swizzle = 128>
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType,
                        "int64_t":$swizzle);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRows() const { return getShape()[0]; }
    int64_t getColumns() const { return getShape()[1]; }
    int64_t getElementBits() const { return getElementType().getIntOrFloatBitWidth(); }
    /// Bytes of one row of the tile.
    int64_t getRowBytes() const { return getColumns() * getElementBits() / 8; }
    /// Bytes of one row inside a panel.
    int64_t getPanelRowBytes() const { return getSwizzle() ? getSwizzle() : getRowBytes(); }
    int64_t getPanelBytes() const { return getRows() * getPanelRowBytes(); }
    int64_t getNumPanels() const { return getRowBytes() / getPanelRowBytes(); }
    /// Elements of one row inside a panel.
    int64_t getPanelColumns() const { return getPanelRowBytes() * 8 / getElementBits(); }
    int64_t getBytes() const { return getRows() * getRowBytes(); }
    /// Bytes the tile occupies: the next tile starts at a multiple of 1024.
    int64_t getAllocatedBytes() const { return (getBytes() + 1023) / 1024 * 1024; }
  }];
}

def MPTile_Ring : MPTile_Type<"Ring", "ring"> {
  let summary = "slots that one role fills and others read";
  let description = [{
    `depth` slots, each with the listed tiles (or accumulators in tensor memory), a full and an empty barrier.

        !mptile.ring<4 x (!mptile.smem<128x64xbf16, swizzle = 128>, !mptile.smem<256x64xbf16, swizzle = 128>)>
  }];
  let parameters = (ins "int64_t":$depth, ArrayRefParameter<"Type">:$elements);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Bytes of shared memory one slot's tiles hold together.
    int64_t getSlotBytes() const;
    /// Bytes that TMA writes when every tile of a slot is copied.
    int64_t getCopyBytes() const;
  }];
}

def MPTile_Slot : MPTile_Type<"Slot", "slot"> {
  let summary = "one acquired or full slot of a ring";
  let parameters = (ins ArrayRefParameter<"Type">:$elements);
  let hasCustomAssemblyFormat = 1;
}

def MPTile_Cursor : MPTile_Type<"Cursor", "cursor"> {
  let summary = "a position in a ring: slot index and phase";
}

// Accumulators and pending accumulators share everything but their meaning.
class MPTile_AccumulatorType<string name, string typeMnemonic>
    : MPTile_Type<name, typeMnemonic> {
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType,
                        ArrayRefParameter<"int64_t">:$warps, "bool":$tensorMemory);
  let builders = [TypeBuilder<(ins "ArrayRef<int64_t>":$shape, "Type":$elementType,
                                   "ArrayRef<int64_t>":$warps), [{
    return $_get($_ctxt, shape, elementType, warps, /*tensorMemory=*/false);
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRows() const { return getShape()[0]; }
    int64_t getColumns() const { return getShape()[1]; }
    int64_t getWarpsM() const { return getWarps()[0]; }
    int64_t getWarpsN() const { return getWarps()[1]; }
    int64_t getNumWarps() const { return getWarpsM() * getWarpsN(); }
    /// Rows and columns of one unit: a 16x8 piece for every warp.
    int64_t getUnitRows() const { return 16 * getWarpsM(); }
    int64_t getUnitColumns() const { return 8 * getWarpsN(); }
  }];
}

def MPTile_Acc : MPTile_AccumulatorType<"Acc", "acc"> {
  let summary = "an accumulator of a role instance";
  let description = [{
    A resource: registers of the instance's warps on sm_80 and sm_90a, tensor memory (`tmem`) on sm_100a.
    In registers its elements are distributed as those of a fragment.

        !mptile.acc<64x256xf32, warps = 4x1>
        !mptile.acc<128x256xf32, warps = 4x1, tmem>
  }];
}

def MPTile_Pending : MPTile_AccumulatorType<"Pending", "pending"> {
  let summary = "an accumulator that asynchronous products are still writing";
  let description = [{
    Linear: it has exactly one use, the next product or the wait. Only `mptile.mma_wait` makes it readable.

        !mptile.pending<64x256xf32, warps = 4x1>
  }];
}

def MPTile_Frag : MPTile_Type<"Frag", "frag"> {
  let summary = "a tile in registers, distributed over the warps of a role instance";
  let description = [{
    There are two layouts. Both are grids of units; `warps = WMxWN`, and warp w of the instance is (wm, wn) = (w / WN, w mod WN).
    A thread's registers are ordered by unit row i, then unit column j, then within the unit.

    The layout of products, for wgmma and mma.sync: a unit is (16 WM) x (8 WN) elements and element (r, c) of unit
    (i, j) belongs to

        row = (i WM + wm) 16 + lane / 4      (registers 0 and 1 of the piece; + 8 for registers 2 and 3)
        col = (j WN + wn) 8 + 2 (lane mod 4) (+ 1 for registers 1 and 3)

    With WN = 1 and WM = 4 this is the D fragment of wgmma (PTX ISA, wgmma register fragments), and each 16x8 piece
    is the C fragment of mma.sync.m16n8.

    The row-wise layout, `lanes = L, vector = V`: L neighbouring lanes hold a row, V adjacent columns each. A unit is
    (32 / L WM) x (L WN V) elements:

        row = (i WM + wm) (32 / L) + lane / L
        col = ((j WN + wn) L + lane mod L) V + v      (register v of the unit)

    A dimension of size 1 is a row or column vector: every thread holds the values of its rows or columns.

    - C1: rows and columns are whole units, or 1.
    - C2: `lanes` is a power of two of at most 32; `vector` is a power of two of at most 32.

        !mptile.frag<64x64xf32, warps = 4x1>
        !mptile.frag<8x4096xbf16, warps = 8x1, lanes = 32, vector = 8>
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "Type":$elementType,
                        ArrayRefParameter<"int64_t">:$warps, "int64_t":$lanes, "int64_t":$vector);
  let builders = [TypeBuilder<(ins "ArrayRef<int64_t>":$shape, "Type":$elementType,
                                   "ArrayRef<int64_t>":$warps), [{
    return $_get($_ctxt, shape, elementType, warps, /*lanes=*/int64_t(0), /*vector=*/int64_t(0));
  }]>];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getRows() const { return getShape()[0]; }
    int64_t getColumns() const { return getShape()[1]; }
    int64_t getWarpsM() const { return getWarps()[0]; }
    int64_t getWarpsN() const { return getWarps()[1]; }
    int64_t getNumWarps() const { return getWarpsM() * getWarpsN(); }
    bool isRowWise() const { return getLanes() != 0; }
    /// Rows and columns of a unit.
    int64_t getUnitRows() const { return (isRowWise() ? 32 / getLanes() : 16) * getWarpsM(); }
    int64_t getUnitColumns() const {
      return (isRowWise() ? getLanes() * getVector() : 8) * getWarpsN();
    }
    /// Units along the rows and columns; 1 for a dimension of size 1.
    int64_t getUnitsM() const { return getRows() == 1 ? 1 : getRows() / getUnitRows(); }
    int64_t getUnitsN() const { return getColumns() == 1 ? 1 : getColumns() / getUnitColumns(); }
    /// Rows of a unit that a thread has elements of, 8 rows apart.
    int64_t getThreadRows() const { return getRows() == 1 || isRowWise() ? 1 : 2; }
    /// Adjacent columns of a unit that a thread has: the run.
    int64_t getRun() const { return getColumns() == 1 ? 1 : isRowWise() ? getVector() : 2; }
    /// Elements each thread holds.
    int64_t getElementsPerThread() const {
      return getUnitsM() * getThreadRows() * getUnitsN() * getRun();
    }
    /// Whether elements at the same place belong to the same register of the same thread.
    bool hasLayoutOf(FragType other) const {
      return getWarps() == other.getWarps() && getLanes() == other.getLanes() &&
             getVector() == other.getVector();
    }
    /// A fragment in the same layout.
    FragType cloneWith(ArrayRef<int64_t> shape, Type elementType) const {
      return get(getContext(), shape, elementType, getWarps(), getLanes(), getVector());
    }
  }];
}

def MPTile_AccOrPending : AnyTypeOf<[MPTile_Acc, MPTile_Pending], "accumulator or pending accumulator">;
def MPTile_SmemOrFrag : AnyTypeOf<[MPTile_Smem, MPTile_Frag], "shared-memory tile or fragment">;

#endif // MPTILE_TYPES_TD
