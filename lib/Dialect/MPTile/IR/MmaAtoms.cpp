// The table of tensor-core instructions. Sections are those of the PTX ISA 8.7.
#include "mpgemm/Dialect/MPTile/IR/MmaAtoms.h"

#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::mptile;
using E = MmaElement;

// PTX ISA: "Matrix multiply-accumulate operation using mma instruction" and "asynchronous wgmma
// instructions".
static constexpr llvm::StringLiteral mmaSection = "9.7.14.5 (mma.sync)";
static constexpr llvm::StringLiteral wgmmaSection = "9.7.15.5 (wgmma.mma_async)";
static constexpr llvm::StringLiteral tcgenSection = "9.7.16.10 (tcgen05.mma)";

ArrayRef<MmaAtom> mlir::mptile::getMmaAtoms() {
  // clang-format off
  // name, arch, m, n, nStep, k, acc, a, b, aInRegisters, mnMajor, section, lowered
  static const MmaAtom atoms[] = {
      {"sm80_m16n8k16_f32_f16_f16", "sm_80", 16, 8, 8, 16, E::F32, E::F16, E::F16, true, true, mmaSection, true},
      {"sm80_m16n8k16_f16_f16_f16", "sm_80", 16, 8, 8, 16, E::F16, E::F16, E::F16, true, true, mmaSection, true},
      {"sm80_m16n8k16_f32_bf16_bf16", "sm_80", 16, 8, 8, 16, E::F32, E::BF16, E::BF16, true, true, mmaSection, true},
      {"sm80_m16n8k8_f32_tf32_tf32", "sm_80", 16, 8, 8, 8, E::F32, E::TF32, E::TF32, true, false, mmaSection, true},
      {"sm80_m16n8k32_s32_s8_s8", "sm_80", 16, 8, 8, 32, E::S32, E::S8, E::S8, true, false, mmaSection, true},
      {"sm80_m16n8k32_s32_s8_u8", "sm_80", 16, 8, 8, 32, E::S32, E::S8, E::U8, true, false, mmaSection, true},
      {"sm80_m16n8k32_s32_u8_s8", "sm_80", 16, 8, 8, 32, E::S32, E::U8, E::S8, true, false, mmaSection, true},
      {"sm80_m16n8k32_s32_u8_u8", "sm_80", 16, 8, 8, 32, E::S32, E::U8, E::U8, true, false, mmaSection, true},
      {"sm89_m16n8k32_f32_e4m3_e4m3", "sm_89", 16, 8, 8, 32, E::F32, E::E4M3, E::E4M3, true, false, mmaSection, true},
      {"sm89_m16n8k32_f32_e4m3_e5m2", "sm_89", 16, 8, 8, 32, E::F32, E::E4M3, E::E5M2, true, false, mmaSection, true},
      {"sm89_m16n8k32_f32_e5m2_e4m3", "sm_89", 16, 8, 8, 32, E::F32, E::E5M2, E::E4M3, true, false, mmaSection, true},
      {"sm89_m16n8k32_f32_e5m2_e5m2", "sm_89", 16, 8, 8, 32, E::F32, E::E5M2, E::E5M2, true, false, mmaSection, true},
      {"sm89_m16n8k32_f16_e4m3_e4m3", "sm_89", 16, 8, 8, 32, E::F16, E::E4M3, E::E4M3, true, false, mmaSection, true},
      {"sm89_m16n8k32_f16_e4m3_e5m2", "sm_89", 16, 8, 8, 32, E::F16, E::E4M3, E::E5M2, true, false, mmaSection, true},
      {"sm89_m16n8k32_f16_e5m2_e4m3", "sm_89", 16, 8, 8, 32, E::F16, E::E5M2, E::E4M3, true, false, mmaSection, true},
      {"sm89_m16n8k32_f16_e5m2_e5m2", "sm_89", 16, 8, 8, 32, E::F16, E::E5M2, E::E5M2, true, false, mmaSection, true},
      {"sm90_m64nNk16_f32_f16_f16", "sm_90a", 64, 256, 8, 16, E::F32, E::F16, E::F16, true, true, wgmmaSection, true},
      {"sm90_m64nNk16_f16_f16_f16", "sm_90a", 64, 256, 8, 16, E::F16, E::F16, E::F16, true, true, wgmmaSection, true},
      {"sm90_m64nNk16_f32_bf16_bf16", "sm_90a", 64, 256, 8, 16, E::F32, E::BF16, E::BF16, true, true, wgmmaSection, true},
      {"sm90_m64nNk8_f32_tf32_tf32", "sm_90a", 64, 256, 8, 8, E::F32, E::TF32, E::TF32, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f32_e4m3_e4m3", "sm_90a", 64, 256, 8, 32, E::F32, E::E4M3, E::E4M3, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f32_e4m3_e5m2", "sm_90a", 64, 256, 8, 32, E::F32, E::E4M3, E::E5M2, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f32_e5m2_e4m3", "sm_90a", 64, 256, 8, 32, E::F32, E::E5M2, E::E4M3, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f32_e5m2_e5m2", "sm_90a", 64, 256, 8, 32, E::F32, E::E5M2, E::E5M2, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f16_e4m3_e4m3", "sm_90a", 64, 256, 8, 32, E::F16, E::E4M3, E::E4M3, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f16_e4m3_e5m2", "sm_90a", 64, 256, 8, 32, E::F16, E::E4M3, E::E5M2, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f16_e5m2_e4m3", "sm_90a", 64, 256, 8, 32, E::F16, E::E5M2, E::E4M3, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_f16_e5m2_e5m2", "sm_90a", 64, 256, 8, 32, E::F16, E::E5M2, E::E5M2, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_s32_s8_s8", "sm_90a", 64, 256, 16, 32, E::S32, E::S8, E::S8, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_s32_s8_u8", "sm_90a", 64, 256, 16, 32, E::S32, E::S8, E::U8, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_s32_u8_s8", "sm_90a", 64, 256, 16, 32, E::S32, E::U8, E::S8, true, false, wgmmaSection, true},
      {"sm90_m64nNk32_s32_u8_u8", "sm_90a", 64, 256, 16, 32, E::S32, E::U8, E::U8, true, false, wgmmaSection, true},
      {"sm100_m128nNk16_f32_f16_f16", "sm_100a", 128, 256, 16, 16, E::F32, E::F16, E::F16, false, true, tcgenSection, false},
      {"sm100_m128nNk16_f32_bf16_bf16", "sm_100a", 128, 256, 16, 16, E::F32, E::BF16, E::BF16, false, true, tcgenSection, false},
  };
  // clang-format on
  return atoms;
}

StringRef mlir::mptile::stringifyMmaElement(MmaElement element) {
  switch (element) {
  case E::F16:
    return "f16";
  case E::BF16:
    return "bf16";
  case E::TF32:
    return "tf32";
  case E::E4M3:
    return "e4m3";
  case E::E5M2:
    return "e5m2";
  case E::S8:
    return "s8";
  case E::U8:
    return "u8";
  case E::F32:
    return "f32";
  case E::S32:
    return "s32";
  }
  return "";
}

std::optional<MmaElement> mlir::mptile::getOperandElement(Type type, bool isUnsigned) {
  if (type.isF16())
    return E::F16;
  if (type.isBF16())
    return E::BF16;
  if (type.isF32())
    return E::TF32;
  if (isa<Float8E4M3FNType>(type))
    return E::E4M3;
  if (isa<Float8E5M2Type>(type))
    return E::E5M2;
  if (type.isInteger(8))
    return isUnsigned ? E::U8 : E::S8;
  return std::nullopt;
}

std::optional<MmaElement> mlir::mptile::getAccumulatorElement(Type type) {
  if (type.isF32())
    return E::F32;
  if (type.isF16())
    return E::F16;
  if (type.isInteger(32))
    return E::S32;
  return std::nullopt;
}

// Integer wgmma: N is 8, 24 or a multiple of 16 (PTX ISA, shapes of wgmma).
bool MmaAtom::isLegalN(int64_t columns) const {
  if (!isWgmma() || nStep == 8)
    return columns > 0 && columns <= n && columns % nStep == 0;
  return columns == 8 || columns == 24 || (columns > 0 && columns <= n && columns % nStep == 0);
}

bool MmaAtom::isOn(StringRef target) const {
  if (arch.ends_with("a"))
    return target == arch;
  auto number = [](StringRef name) {
    unsigned value = 0;
    name.drop_front(3).rtrim('a').getAsInteger(10, value);
    return value;
  };
  return number(target) >= number(arch);
}

const MmaAtom *mlir::mptile::findMmaAtom(StringRef target, Type a, Type b, Type acc, bool warpgroup,
                                         bool unsignedA, bool unsignedB) {
  std::optional<MmaElement> elementA = getOperandElement(a, unsignedA),
                            elementB = getOperandElement(b, unsignedB),
                            elementAcc = getAccumulatorElement(acc);
  if (!elementA || !elementB || !elementAcc)
    return nullptr;
  const MmaAtom *found = nullptr;
  for (const MmaAtom &atom : getMmaAtoms()) {
    if (!atom.isOn(target) || atom.a != *elementA || atom.b != *elementB || atom.acc != *elementAcc)
      continue;
    if (atom.m >= 64 && !warpgroup)
      continue;
    found = &atom; // later rows are later generations
  }
  return found;
}

std::string mlir::mptile::describeMmaAtoms(StringRef target, bool warpgroup) {
  std::string text;
  llvm::StringSet<> seen;
  for (const MmaAtom &atom : getMmaAtoms()) {
    if (!atom.lowered || !atom.isOn(target) || atom.isWgmma() != warpgroup)
      continue;
    std::string product = (stringifyMmaElement(atom.a) + " x " + stringifyMmaElement(atom.b) +
                           " in " + stringifyMmaElement(atom.acc))
                              .str();
    if (seen.insert(product).second)
      text += (text.empty() ? "" : ", ") + product;
  }
  return text;
}
