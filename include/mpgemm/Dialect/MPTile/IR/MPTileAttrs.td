// The attributes of the mptile dialect.
#ifndef MPTILE_ATTRS_TD
#define MPTILE_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/CommonAttrConstraints.td"
include "mlir/IR/EnumAttr.td"
include "mpgemm/Dialect/MPTile/IR/MPTileDialect.td"

class MPTile_Attr<string name, string attrMnemonic, list<Trait> traits = []>
    : AttrDef<MPTile_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

// A 64-bit integer whose accessor is signed (that of I64Attr is not).
def MPTile_I64 : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit integer attribute">;

class MPTile_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::mlir::mptile";
  let genSpecializedAttr = 0;
}

def MPTile_Fill : MPTile_Enum<"Fill", "who fills the slots of a ring", [
  I32EnumAttrCase<"Tma", 0, "tma">,         // one elected thread issues bulk tensor copies
  I32EnumAttrCase<"Threads", 1, "threads">, // every thread of the filling role copies with ordinary loads
  I32EnumAttrCase<"Async", 2, "async">,     // every thread of the only role issues cp.async
  I32EnumAttrCase<"Mma", 3, "mma">          // products write accumulators in tensor memory
]>;
def MPTile_FillAttr : EnumAttr<MPTile_Dialect, MPTile_Fill, "fill"> {
  let assemblyFormat = "`<` $value `>`";
}

def MPTile_Major : MPTile_Enum<"Major", "contiguous dimension of an operand tile", [
  I32EnumAttrCase<"K", 0, "k">,
  I32EnumAttrCase<"MN", 1, "mn">
]>;
def MPTile_MajorAttr : EnumAttr<MPTile_Dialect, MPTile_Major, "major"> {
  let assemblyFormat = "`<` $value `>`";
}

def MPTile_Reduction : MPTile_Enum<"Reduction", "reduction of a fragment", [
  I32EnumAttrCase<"Add", 0, "add">,
  I32EnumAttrCase<"Max", 1, "max">,
  I32EnumAttrCase<"Min", 2, "min">,
  I32EnumAttrCase<"AbsMax", 3, "abs_max"> // the largest magnitude
]>;
def MPTile_ReductionAttr : EnumAttr<MPTile_Dialect, MPTile_Reduction, "reduction"> {
  let assemblyFormat = "`<` $value `>`";
}

def MPTile_Role : MPTile_Attr<"Role", "role"> {
  let summary = "a group of warps with one task";
  let description = [{
    `instances` groups of `warps` warps each run the same region; `registers` is the number of registers a
    thread of the role may hold (setmaxnreg; 0: leave as launched). Roles take warps in the order of the list.

        #mptile.role<"consumer", instances = 2, warps = 4, registers = 232>
  }];
  let parameters = (ins StringRefParameter<"name of the role">:$name, "int64_t":$instances,
                        "int64_t":$warps, "int64_t":$registers);
  let assemblyFormat = [{
    `<` $name `,` `instances` `=` $instances `,` `warps` `=` $warps `,` `registers` `=` $registers `>`
  }];
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    int64_t getNumWarps() const { return getInstances() * getWarps(); }
    int64_t getInstanceThreads() const { return 32 * getWarps(); }
    int64_t getNumThreads() const { return 32 * getNumWarps(); }
  }];
}

def MPTile_Raster : MPTile_Attr<"Raster", "raster"> {
  let summary = "the order in which output tiles are worked on";
  let description = [{
    Bands of `grouped` tile rows; inside a band, column after column. `grouped = 1` goes row by row.

        #mptile.raster<grouped = 16>
  }];
  let parameters = (ins "int64_t":$grouped);
  let assemblyFormat = "`<` `grouped` `=` $grouped `>`";
  let genVerifyDecl = 1;
}

#endif // MPTILE_ATTRS_TD
