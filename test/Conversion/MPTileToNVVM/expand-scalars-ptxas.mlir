// Every supported op, through LLVM and ptxas: LLVM selects all of them on both targets.
// REQUIRES: ptxas
// RUN: mpgemm-opt %s --mptile-expand-scalars --convert-to-llvm -o %t.mlir
// RUN: mlir-translate --mlir-to-llvmir %t.mlir -o %t.ll
// RUN: llc -mtriple=nvptx64-nvidia-cuda -mcpu=sm_80 -mattr=+ptx80 %t.ll -o %t.80.ptx
// RUN: %ptxas -arch=sm_80 %t.80.ptx -o %t.80.cubin
// RUN: llc -mtriple=nvptx64-nvidia-cuda -mcpu=sm_90a -mattr=+ptx80 %t.ll -o %t.90.ptx
// RUN: %ptxas -arch=sm_90a %t.90.ptx -o %t.90.cubin

func.func @f1(%a: f32) -> f32 {
  %r = math.exp %a : f32
  return %r : f32
}
func.func @f2(%a: f32) -> f32 {
  %r = math.exp2 %a : f32
  return %r : f32
}
func.func @f3(%a: f32) -> f32 {
  %r = math.expm1 %a : f32
  return %r : f32
}
func.func @f4(%a: f32) -> f32 {
  %r = math.log %a : f32
  return %r : f32
}
func.func @f5(%a: f32) -> f32 {
  %r = math.log2 %a : f32
  return %r : f32
}
func.func @f6(%a: f32) -> f32 {
  %r = math.log10 %a : f32
  return %r : f32
}
func.func @f7(%a: f32) -> f32 {
  %r = math.log1p %a : f32
  return %r : f32
}
func.func @f8(%a: f32) -> f32 {
  %r = math.tanh %a : f32
  return %r : f32
}
func.func @f9(%a: f32) -> f32 {
  %r = math.erf %a : f32
  return %r : f32
}
func.func @f10(%a: f32) -> f32 {
  %r = math.sin %a : f32
  return %r : f32
}
func.func @f11(%a: f32) -> f32 {
  %r = math.cos %a : f32
  return %r : f32
}
func.func @f12(%a: f32) -> f32 {
  %r = math.rsqrt %a : f32
  return %r : f32
}
func.func @f13(%a: f32, %b: f32) -> f32 {
  %r = math.powf %a, %b : f32
  return %r : f32
}
func.func @f14(%a: f32, %b: i32) -> f32 {
  %r = math.fpowi %a, %b : f32, i32
  return %r : f32
}
func.func @f15(%a: f32, %b: f32) -> i1 {
  %r = arith.cmpf ult, %a, %b : f32
  return %r : i1
}
func.func @f16(%a: f16) -> f16 {
  %r = math.exp %a : f16
  return %r : f16
}
func.func @f17(%a: f16) -> f16 {
  %r = math.exp2 %a : f16
  return %r : f16
}
func.func @f18(%a: f16) -> f16 {
  %r = math.expm1 %a : f16
  return %r : f16
}
func.func @f19(%a: f16) -> f16 {
  %r = math.log %a : f16
  return %r : f16
}
func.func @f20(%a: f16) -> f16 {
  %r = math.log2 %a : f16
  return %r : f16
}
func.func @f21(%a: f16) -> f16 {
  %r = math.log10 %a : f16
  return %r : f16
}
func.func @f22(%a: f16) -> f16 {
  %r = math.log1p %a : f16
  return %r : f16
}
func.func @f23(%a: f16) -> f16 {
  %r = math.tanh %a : f16
  return %r : f16
}
func.func @f24(%a: f16) -> f16 {
  %r = math.erf %a : f16
  return %r : f16
}
func.func @f25(%a: f16) -> f16 {
  %r = math.sin %a : f16
  return %r : f16
}
func.func @f26(%a: f16) -> f16 {
  %r = math.cos %a : f16
  return %r : f16
}
func.func @f27(%a: f16) -> f16 {
  %r = math.rsqrt %a : f16
  return %r : f16
}
func.func @f28(%a: f16, %b: f16) -> f16 {
  %r = math.powf %a, %b : f16
  return %r : f16
}
func.func @f29(%a: f16, %b: i32) -> f16 {
  %r = math.fpowi %a, %b : f16, i32
  return %r : f16
}
func.func @f30(%a: f16, %b: f16) -> i1 {
  %r = arith.cmpf ult, %a, %b : f16
  return %r : i1
}
func.func @f31(%a: bf16) -> bf16 {
  %r = math.exp %a : bf16
  return %r : bf16
}
func.func @f32(%a: bf16) -> bf16 {
  %r = math.exp2 %a : bf16
  return %r : bf16
}
func.func @f33(%a: bf16) -> bf16 {
  %r = math.expm1 %a : bf16
  return %r : bf16
}
func.func @f34(%a: bf16) -> bf16 {
  %r = math.log %a : bf16
  return %r : bf16
}
func.func @f35(%a: bf16) -> bf16 {
  %r = math.log2 %a : bf16
  return %r : bf16
}
func.func @f36(%a: bf16) -> bf16 {
  %r = math.log10 %a : bf16
  return %r : bf16
}
func.func @f37(%a: bf16) -> bf16 {
  %r = math.log1p %a : bf16
  return %r : bf16
}
func.func @f38(%a: bf16) -> bf16 {
  %r = math.tanh %a : bf16
  return %r : bf16
}
func.func @f39(%a: bf16) -> bf16 {
  %r = math.erf %a : bf16
  return %r : bf16
}
func.func @f40(%a: bf16) -> bf16 {
  %r = math.sin %a : bf16
  return %r : bf16
}
func.func @f41(%a: bf16) -> bf16 {
  %r = math.cos %a : bf16
  return %r : bf16
}
func.func @f42(%a: bf16) -> bf16 {
  %r = math.rsqrt %a : bf16
  return %r : bf16
}
func.func @f43(%a: bf16, %b: bf16) -> bf16 {
  %r = math.powf %a, %b : bf16
  return %r : bf16
}
func.func @f44(%a: bf16, %b: i32) -> bf16 {
  %r = math.fpowi %a, %b : bf16, i32
  return %r : bf16
}
func.func @f45(%a: bf16, %b: bf16) -> i1 {
  %r = arith.cmpf ult, %a, %b : bf16
  return %r : i1
}
func.func @f46(%a: f32) -> f32 {
  %r = math.absf %a : f32
  return %r : f32
}
func.func @f47(%a: f32) -> f32 {
  %r = math.ceil %a : f32
  return %r : f32
}
func.func @f48(%a: f32) -> f32 {
  %r = math.floor %a : f32
  return %r : f32
}
func.func @f49(%a: f32) -> f32 {
  %r = math.round %a : f32
  return %r : f32
}
func.func @f50(%a: f32) -> f32 {
  %r = math.roundeven %a : f32
  return %r : f32
}
func.func @f51(%a: f32) -> f32 {
  %r = math.trunc %a : f32
  return %r : f32
}
func.func @f52(%a: f32) -> f32 {
  %r = math.sqrt %a : f32
  return %r : f32
}
func.func @f53(%a: f32, %b: f32) -> f32 {
  %r = math.copysign %a, %b : f32
  return %r : f32
}
func.func @f54(%a: f32, %b: f32, %c: f32) -> f32 {
  %r = math.fma %a, %b, %c : f32
  return %r : f32
}
func.func @f55(%a: f32, %b: f32, %c: f32) -> f32 {
  %r = math.clampf %a to [%b, %c] : f32
  return %r : f32
}
func.func @f56(%a: f32, %b: f32) -> f32 {
  %r = arith.addf %a, %b : f32
  return %r : f32
}
func.func @f57(%a: f32, %b: f32) -> f32 {
  %r = arith.subf %a, %b : f32
  return %r : f32
}
func.func @f58(%a: f32, %b: f32) -> f32 {
  %r = arith.mulf %a, %b : f32
  return %r : f32
}
func.func @f59(%a: f32, %b: f32) -> f32 {
  %r = arith.divf %a, %b : f32
  return %r : f32
}
func.func @f60(%a: f32, %b: f32) -> f32 {
  %r = arith.maximumf %a, %b : f32
  return %r : f32
}
func.func @f61(%a: f32, %b: f32) -> f32 {
  %r = arith.minimumf %a, %b : f32
  return %r : f32
}
func.func @f62(%a: f32, %b: f32) -> f32 {
  %r = arith.maxnumf %a, %b : f32
  return %r : f32
}
func.func @f63(%a: f32, %b: f32) -> f32 {
  %r = arith.minnumf %a, %b : f32
  return %r : f32
}
func.func @f64(%a: f32) -> f32 {
  %r = arith.negf %a : f32
  return %r : f32
}
func.func @f65(%a: f32) -> i1 {
  %r = math.isnan %a : f32
  return %r : i1
}
func.func @f66(%a: f32) -> i1 {
  %r = math.isinf %a : f32
  return %r : i1
}
func.func @f67(%a: f32) -> i1 {
  %r = math.isfinite %a : f32
  return %r : i1
}
func.func @f68(%a: i8) -> f32 {
  %r = arith.sitofp %a : i8 to f32
  return %r : f32
}
func.func @f69(%a: i8) -> f32 {
  %r = arith.uitofp %a : i8 to f32
  return %r : f32
}
func.func @f70(%a: f32) -> i8 {
  %r = arith.fptosi %a : f32 to i8
  return %r : i8
}
func.func @f71(%a: f32) -> i8 {
  %r = arith.fptoui %a : f32 to i8
  return %r : i8
}
func.func @f72(%a: i16) -> f32 {
  %r = arith.sitofp %a : i16 to f32
  return %r : f32
}
func.func @f73(%a: i16) -> f32 {
  %r = arith.uitofp %a : i16 to f32
  return %r : f32
}
func.func @f74(%a: f32) -> i16 {
  %r = arith.fptosi %a : f32 to i16
  return %r : i16
}
func.func @f75(%a: f32) -> i16 {
  %r = arith.fptoui %a : f32 to i16
  return %r : i16
}
func.func @f76(%a: i32) -> f32 {
  %r = arith.sitofp %a : i32 to f32
  return %r : f32
}
func.func @f77(%a: i32) -> f32 {
  %r = arith.uitofp %a : i32 to f32
  return %r : f32
}
func.func @f78(%a: f32) -> i32 {
  %r = arith.fptosi %a : f32 to i32
  return %r : i32
}
func.func @f79(%a: f32) -> i32 {
  %r = arith.fptoui %a : f32 to i32
  return %r : i32
}
func.func @f80(%a: i64) -> f32 {
  %r = arith.sitofp %a : i64 to f32
  return %r : f32
}
func.func @f81(%a: i64) -> f32 {
  %r = arith.uitofp %a : i64 to f32
  return %r : f32
}
func.func @f82(%a: f32) -> i64 {
  %r = arith.fptosi %a : f32 to i64
  return %r : i64
}
func.func @f83(%a: f32) -> i64 {
  %r = arith.fptoui %a : f32 to i64
  return %r : i64
}
func.func @f84(%a: i1) -> f32 {
  %r = arith.sitofp %a : i1 to f32
  return %r : f32
}
func.func @f85(%a: i1) -> f32 {
  %r = arith.uitofp %a : i1 to f32
  return %r : f32
}
func.func @f86(%a: i1, %b: f32, %c: f32) -> f32 {
  %r = arith.select %a, %b, %c : f32
  return %r : f32
}
func.func @f87(%a: f16) -> f16 {
  %r = math.absf %a : f16
  return %r : f16
}
func.func @f88(%a: f16) -> f16 {
  %r = math.ceil %a : f16
  return %r : f16
}
func.func @f89(%a: f16) -> f16 {
  %r = math.floor %a : f16
  return %r : f16
}
func.func @f90(%a: f16) -> f16 {
  %r = math.round %a : f16
  return %r : f16
}
func.func @f91(%a: f16) -> f16 {
  %r = math.roundeven %a : f16
  return %r : f16
}
func.func @f92(%a: f16) -> f16 {
  %r = math.trunc %a : f16
  return %r : f16
}
func.func @f93(%a: f16) -> f16 {
  %r = math.sqrt %a : f16
  return %r : f16
}
func.func @f94(%a: f16, %b: f16) -> f16 {
  %r = math.copysign %a, %b : f16
  return %r : f16
}
func.func @f95(%a: f16, %b: f16, %c: f16) -> f16 {
  %r = math.fma %a, %b, %c : f16
  return %r : f16
}
func.func @f96(%a: f16, %b: f16, %c: f16) -> f16 {
  %r = math.clampf %a to [%b, %c] : f16
  return %r : f16
}
func.func @f97(%a: f16, %b: f16) -> f16 {
  %r = arith.addf %a, %b : f16
  return %r : f16
}
func.func @f98(%a: f16, %b: f16) -> f16 {
  %r = arith.subf %a, %b : f16
  return %r : f16
}
func.func @f99(%a: f16, %b: f16) -> f16 {
  %r = arith.mulf %a, %b : f16
  return %r : f16
}
func.func @f100(%a: f16, %b: f16) -> f16 {
  %r = arith.divf %a, %b : f16
  return %r : f16
}
func.func @f101(%a: f16, %b: f16) -> f16 {
  %r = arith.maximumf %a, %b : f16
  return %r : f16
}
func.func @f102(%a: f16, %b: f16) -> f16 {
  %r = arith.minimumf %a, %b : f16
  return %r : f16
}
func.func @f103(%a: f16, %b: f16) -> f16 {
  %r = arith.maxnumf %a, %b : f16
  return %r : f16
}
func.func @f104(%a: f16, %b: f16) -> f16 {
  %r = arith.minnumf %a, %b : f16
  return %r : f16
}
func.func @f105(%a: f16) -> f16 {
  %r = arith.negf %a : f16
  return %r : f16
}
func.func @f106(%a: f16) -> i1 {
  %r = math.isnan %a : f16
  return %r : i1
}
func.func @f107(%a: f16) -> i1 {
  %r = math.isinf %a : f16
  return %r : i1
}
func.func @f108(%a: f16) -> i1 {
  %r = math.isfinite %a : f16
  return %r : i1
}
func.func @f109(%a: i8) -> f16 {
  %r = arith.sitofp %a : i8 to f16
  return %r : f16
}
func.func @f110(%a: i8) -> f16 {
  %r = arith.uitofp %a : i8 to f16
  return %r : f16
}
func.func @f111(%a: f16) -> i8 {
  %r = arith.fptosi %a : f16 to i8
  return %r : i8
}
func.func @f112(%a: f16) -> i8 {
  %r = arith.fptoui %a : f16 to i8
  return %r : i8
}
func.func @f113(%a: i16) -> f16 {
  %r = arith.sitofp %a : i16 to f16
  return %r : f16
}
func.func @f114(%a: i16) -> f16 {
  %r = arith.uitofp %a : i16 to f16
  return %r : f16
}
func.func @f115(%a: f16) -> i16 {
  %r = arith.fptosi %a : f16 to i16
  return %r : i16
}
func.func @f116(%a: f16) -> i16 {
  %r = arith.fptoui %a : f16 to i16
  return %r : i16
}
func.func @f117(%a: i32) -> f16 {
  %r = arith.sitofp %a : i32 to f16
  return %r : f16
}
func.func @f118(%a: i32) -> f16 {
  %r = arith.uitofp %a : i32 to f16
  return %r : f16
}
func.func @f119(%a: f16) -> i32 {
  %r = arith.fptosi %a : f16 to i32
  return %r : i32
}
func.func @f120(%a: f16) -> i32 {
  %r = arith.fptoui %a : f16 to i32
  return %r : i32
}
func.func @f121(%a: i64) -> f16 {
  %r = arith.sitofp %a : i64 to f16
  return %r : f16
}
func.func @f122(%a: i64) -> f16 {
  %r = arith.uitofp %a : i64 to f16
  return %r : f16
}
func.func @f123(%a: f16) -> i64 {
  %r = arith.fptosi %a : f16 to i64
  return %r : i64
}
func.func @f124(%a: f16) -> i64 {
  %r = arith.fptoui %a : f16 to i64
  return %r : i64
}
func.func @f125(%a: i1) -> f16 {
  %r = arith.sitofp %a : i1 to f16
  return %r : f16
}
func.func @f126(%a: i1) -> f16 {
  %r = arith.uitofp %a : i1 to f16
  return %r : f16
}
func.func @f127(%a: i1, %b: f16, %c: f16) -> f16 {
  %r = arith.select %a, %b, %c : f16
  return %r : f16
}
func.func @f128(%a: bf16) -> bf16 {
  %r = math.absf %a : bf16
  return %r : bf16
}
func.func @f129(%a: bf16) -> bf16 {
  %r = math.ceil %a : bf16
  return %r : bf16
}
func.func @f130(%a: bf16) -> bf16 {
  %r = math.floor %a : bf16
  return %r : bf16
}
func.func @f131(%a: bf16) -> bf16 {
  %r = math.round %a : bf16
  return %r : bf16
}
func.func @f132(%a: bf16) -> bf16 {
  %r = math.roundeven %a : bf16
  return %r : bf16
}
func.func @f133(%a: bf16) -> bf16 {
  %r = math.trunc %a : bf16
  return %r : bf16
}
func.func @f134(%a: bf16) -> bf16 {
  %r = math.sqrt %a : bf16
  return %r : bf16
}
func.func @f135(%a: bf16, %b: bf16) -> bf16 {
  %r = math.copysign %a, %b : bf16
  return %r : bf16
}
func.func @f136(%a: bf16, %b: bf16, %c: bf16) -> bf16 {
  %r = math.fma %a, %b, %c : bf16
  return %r : bf16
}
func.func @f137(%a: bf16, %b: bf16, %c: bf16) -> bf16 {
  %r = math.clampf %a to [%b, %c] : bf16
  return %r : bf16
}
func.func @f138(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.addf %a, %b : bf16
  return %r : bf16
}
func.func @f139(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.subf %a, %b : bf16
  return %r : bf16
}
func.func @f140(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.mulf %a, %b : bf16
  return %r : bf16
}
func.func @f141(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.divf %a, %b : bf16
  return %r : bf16
}
func.func @f142(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.maximumf %a, %b : bf16
  return %r : bf16
}
func.func @f143(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.minimumf %a, %b : bf16
  return %r : bf16
}
func.func @f144(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.maxnumf %a, %b : bf16
  return %r : bf16
}
func.func @f145(%a: bf16, %b: bf16) -> bf16 {
  %r = arith.minnumf %a, %b : bf16
  return %r : bf16
}
func.func @f146(%a: bf16) -> bf16 {
  %r = arith.negf %a : bf16
  return %r : bf16
}
func.func @f147(%a: bf16) -> i1 {
  %r = math.isnan %a : bf16
  return %r : i1
}
func.func @f148(%a: bf16) -> i1 {
  %r = math.isinf %a : bf16
  return %r : i1
}
func.func @f149(%a: bf16) -> i1 {
  %r = math.isfinite %a : bf16
  return %r : i1
}
func.func @f150(%a: i8) -> bf16 {
  %r = arith.sitofp %a : i8 to bf16
  return %r : bf16
}
func.func @f151(%a: i8) -> bf16 {
  %r = arith.uitofp %a : i8 to bf16
  return %r : bf16
}
func.func @f152(%a: bf16) -> i8 {
  %r = arith.fptosi %a : bf16 to i8
  return %r : i8
}
func.func @f153(%a: bf16) -> i8 {
  %r = arith.fptoui %a : bf16 to i8
  return %r : i8
}
func.func @f154(%a: i16) -> bf16 {
  %r = arith.sitofp %a : i16 to bf16
  return %r : bf16
}
func.func @f155(%a: i16) -> bf16 {
  %r = arith.uitofp %a : i16 to bf16
  return %r : bf16
}
func.func @f156(%a: bf16) -> i16 {
  %r = arith.fptosi %a : bf16 to i16
  return %r : i16
}
func.func @f157(%a: bf16) -> i16 {
  %r = arith.fptoui %a : bf16 to i16
  return %r : i16
}
func.func @f158(%a: i32) -> bf16 {
  %r = arith.sitofp %a : i32 to bf16
  return %r : bf16
}
func.func @f159(%a: i32) -> bf16 {
  %r = arith.uitofp %a : i32 to bf16
  return %r : bf16
}
func.func @f160(%a: bf16) -> i32 {
  %r = arith.fptosi %a : bf16 to i32
  return %r : i32
}
func.func @f161(%a: bf16) -> i32 {
  %r = arith.fptoui %a : bf16 to i32
  return %r : i32
}
func.func @f162(%a: i64) -> bf16 {
  %r = arith.sitofp %a : i64 to bf16
  return %r : bf16
}
func.func @f163(%a: i64) -> bf16 {
  %r = arith.uitofp %a : i64 to bf16
  return %r : bf16
}
func.func @f164(%a: bf16) -> i64 {
  %r = arith.fptosi %a : bf16 to i64
  return %r : i64
}
func.func @f165(%a: bf16) -> i64 {
  %r = arith.fptoui %a : bf16 to i64
  return %r : i64
}
func.func @f166(%a: i1) -> bf16 {
  %r = arith.sitofp %a : i1 to bf16
  return %r : bf16
}
func.func @f167(%a: i1) -> bf16 {
  %r = arith.uitofp %a : i1 to bf16
  return %r : bf16
}
func.func @f168(%a: i1, %b: bf16, %c: bf16) -> bf16 {
  %r = arith.select %a, %b, %c : bf16
  return %r : bf16
}
func.func @f169(%a: f64) -> f64 {
  %r = math.absf %a : f64
  return %r : f64
}
func.func @f170(%a: f64) -> f64 {
  %r = math.ceil %a : f64
  return %r : f64
}
func.func @f171(%a: f64) -> f64 {
  %r = math.floor %a : f64
  return %r : f64
}
func.func @f172(%a: f64) -> f64 {
  %r = math.round %a : f64
  return %r : f64
}
func.func @f173(%a: f64) -> f64 {
  %r = math.roundeven %a : f64
  return %r : f64
}
func.func @f174(%a: f64) -> f64 {
  %r = math.trunc %a : f64
  return %r : f64
}
func.func @f175(%a: f64) -> f64 {
  %r = math.sqrt %a : f64
  return %r : f64
}
func.func @f176(%a: f64, %b: f64) -> f64 {
  %r = math.copysign %a, %b : f64
  return %r : f64
}
func.func @f177(%a: f64, %b: f64, %c: f64) -> f64 {
  %r = math.fma %a, %b, %c : f64
  return %r : f64
}
func.func @f178(%a: f64, %b: f64, %c: f64) -> f64 {
  %r = math.clampf %a to [%b, %c] : f64
  return %r : f64
}
func.func @f179(%a: f64, %b: f64) -> f64 {
  %r = arith.addf %a, %b : f64
  return %r : f64
}
func.func @f180(%a: f64, %b: f64) -> f64 {
  %r = arith.subf %a, %b : f64
  return %r : f64
}
func.func @f181(%a: f64, %b: f64) -> f64 {
  %r = arith.mulf %a, %b : f64
  return %r : f64
}
func.func @f182(%a: f64, %b: f64) -> f64 {
  %r = arith.divf %a, %b : f64
  return %r : f64
}
func.func @f183(%a: f64, %b: f64) -> f64 {
  %r = arith.maximumf %a, %b : f64
  return %r : f64
}
func.func @f184(%a: f64, %b: f64) -> f64 {
  %r = arith.minimumf %a, %b : f64
  return %r : f64
}
func.func @f185(%a: f64, %b: f64) -> f64 {
  %r = arith.maxnumf %a, %b : f64
  return %r : f64
}
func.func @f186(%a: f64, %b: f64) -> f64 {
  %r = arith.minnumf %a, %b : f64
  return %r : f64
}
func.func @f187(%a: f64) -> f64 {
  %r = arith.negf %a : f64
  return %r : f64
}
func.func @f188(%a: f64) -> i1 {
  %r = math.isnan %a : f64
  return %r : i1
}
func.func @f189(%a: f64) -> i1 {
  %r = math.isinf %a : f64
  return %r : i1
}
func.func @f190(%a: f64) -> i1 {
  %r = math.isfinite %a : f64
  return %r : i1
}
func.func @f191(%a: i8) -> f64 {
  %r = arith.sitofp %a : i8 to f64
  return %r : f64
}
func.func @f192(%a: i8) -> f64 {
  %r = arith.uitofp %a : i8 to f64
  return %r : f64
}
func.func @f193(%a: f64) -> i8 {
  %r = arith.fptosi %a : f64 to i8
  return %r : i8
}
func.func @f194(%a: f64) -> i8 {
  %r = arith.fptoui %a : f64 to i8
  return %r : i8
}
func.func @f195(%a: i16) -> f64 {
  %r = arith.sitofp %a : i16 to f64
  return %r : f64
}
func.func @f196(%a: i16) -> f64 {
  %r = arith.uitofp %a : i16 to f64
  return %r : f64
}
func.func @f197(%a: f64) -> i16 {
  %r = arith.fptosi %a : f64 to i16
  return %r : i16
}
func.func @f198(%a: f64) -> i16 {
  %r = arith.fptoui %a : f64 to i16
  return %r : i16
}
func.func @f199(%a: i32) -> f64 {
  %r = arith.sitofp %a : i32 to f64
  return %r : f64
}
func.func @f200(%a: i32) -> f64 {
  %r = arith.uitofp %a : i32 to f64
  return %r : f64
}
func.func @f201(%a: f64) -> i32 {
  %r = arith.fptosi %a : f64 to i32
  return %r : i32
}
func.func @f202(%a: f64) -> i32 {
  %r = arith.fptoui %a : f64 to i32
  return %r : i32
}
func.func @f203(%a: i64) -> f64 {
  %r = arith.sitofp %a : i64 to f64
  return %r : f64
}
func.func @f204(%a: i64) -> f64 {
  %r = arith.uitofp %a : i64 to f64
  return %r : f64
}
func.func @f205(%a: f64) -> i64 {
  %r = arith.fptosi %a : f64 to i64
  return %r : i64
}
func.func @f206(%a: f64) -> i64 {
  %r = arith.fptoui %a : f64 to i64
  return %r : i64
}
func.func @f207(%a: i1) -> f64 {
  %r = arith.sitofp %a : i1 to f64
  return %r : f64
}
func.func @f208(%a: i1) -> f64 {
  %r = arith.uitofp %a : i1 to f64
  return %r : f64
}
func.func @f209(%a: i1, %b: f64, %c: f64) -> f64 {
  %r = arith.select %a, %b, %c : f64
  return %r : f64
}
func.func @f210(%a: f32) -> f64 {
  %r = arith.extf %a : f32 to f64
  return %r : f64
}
func.func @f211(%a: f64) -> f32 {
  %r = arith.truncf %a : f64 to f32
  return %r : f32
}
func.func @f212(%a: bf16) -> f64 {
  %r = arith.extf %a : bf16 to f64
  return %r : f64
}
func.func @f213(%a: f64) -> bf16 {
  %r = arith.truncf %a : f64 to bf16
  return %r : bf16
}
func.func @f214(%a: f16) -> f64 {
  %r = arith.extf %a : f16 to f64
  return %r : f64
}
func.func @f215(%a: f64) -> f16 {
  %r = arith.truncf %a : f64 to f16
  return %r : f16
}
func.func @f216(%a: bf16) -> f32 {
  %r = arith.extf %a : bf16 to f32
  return %r : f32
}
func.func @f217(%a: f32) -> bf16 {
  %r = arith.truncf %a : f32 to bf16
  return %r : bf16
}
func.func @f218(%a: f16) -> f32 {
  %r = arith.extf %a : f16 to f32
  return %r : f32
}
func.func @f219(%a: f32) -> f16 {
  %r = arith.truncf %a : f32 to f16
  return %r : f16
}
func.func @f220(%a: f8E4M3FN) -> f32 {
  %r = arith.extf %a : f8E4M3FN to f32
  return %r : f32
}
func.func @f221(%a: f32) -> f8E4M3FN {
  %r = arith.truncf %a : f32 to f8E4M3FN
  return %r : f8E4M3FN
}
func.func @f222(%a: f8E4M3FN) -> f16 {
  %r = arith.extf %a : f8E4M3FN to f16
  return %r : f16
}
func.func @f223(%a: f16) -> f8E4M3FN {
  %r = arith.truncf %a : f16 to f8E4M3FN
  return %r : f8E4M3FN
}
func.func @f224(%a: f8E4M3FN) -> bf16 {
  %r = arith.extf %a : f8E4M3FN to bf16
  return %r : bf16
}
func.func @f225(%a: bf16) -> f8E4M3FN {
  %r = arith.truncf %a : bf16 to f8E4M3FN
  return %r : f8E4M3FN
}
func.func @f226(%a: f8E5M2) -> f32 {
  %r = arith.extf %a : f8E5M2 to f32
  return %r : f32
}
func.func @f227(%a: f32) -> f8E5M2 {
  %r = arith.truncf %a : f32 to f8E5M2
  return %r : f8E5M2
}
func.func @f228(%a: f8E5M2) -> f16 {
  %r = arith.extf %a : f8E5M2 to f16
  return %r : f16
}
func.func @f229(%a: f16) -> f8E5M2 {
  %r = arith.truncf %a : f16 to f8E5M2
  return %r : f8E5M2
}
func.func @f230(%a: f8E5M2) -> bf16 {
  %r = arith.extf %a : f8E5M2 to bf16
  return %r : bf16
}
func.func @f231(%a: bf16) -> f8E5M2 {
  %r = arith.truncf %a : bf16 to f8E5M2
  return %r : f8E5M2
}
func.func @f232(%a: i8, %b: i8) -> i8 {
  %r = arith.addi %a, %b : i8
  return %r : i8
}
func.func @f233(%a: i8, %b: i8) -> i8 {
  %r = arith.subi %a, %b : i8
  return %r : i8
}
func.func @f234(%a: i8, %b: i8) -> i8 {
  %r = arith.muli %a, %b : i8
  return %r : i8
}
func.func @f235(%a: i8, %b: i8) -> i8 {
  %r = arith.divsi %a, %b : i8
  return %r : i8
}
func.func @f236(%a: i8, %b: i8) -> i8 {
  %r = arith.divui %a, %b : i8
  return %r : i8
}
func.func @f237(%a: i8, %b: i8) -> i8 {
  %r = arith.ceildivsi %a, %b : i8
  return %r : i8
}
func.func @f238(%a: i8, %b: i8) -> i8 {
  %r = arith.ceildivui %a, %b : i8
  return %r : i8
}
func.func @f239(%a: i8, %b: i8) -> i8 {
  %r = arith.floordivsi %a, %b : i8
  return %r : i8
}
func.func @f240(%a: i8, %b: i8) -> i8 {
  %r = arith.remsi %a, %b : i8
  return %r : i8
}
func.func @f241(%a: i8, %b: i8) -> i8 {
  %r = arith.remui %a, %b : i8
  return %r : i8
}
func.func @f242(%a: i8, %b: i8) -> i8 {
  %r = arith.andi %a, %b : i8
  return %r : i8
}
func.func @f243(%a: i8, %b: i8) -> i8 {
  %r = arith.ori %a, %b : i8
  return %r : i8
}
func.func @f244(%a: i8, %b: i8) -> i8 {
  %r = arith.xori %a, %b : i8
  return %r : i8
}
func.func @f245(%a: i8, %b: i8) -> i8 {
  %r = arith.shli %a, %b : i8
  return %r : i8
}
func.func @f246(%a: i8, %b: i8) -> i8 {
  %r = arith.shrsi %a, %b : i8
  return %r : i8
}
func.func @f247(%a: i8, %b: i8) -> i8 {
  %r = arith.shrui %a, %b : i8
  return %r : i8
}
func.func @f248(%a: i8, %b: i8) -> i8 {
  %r = arith.maxsi %a, %b : i8
  return %r : i8
}
func.func @f249(%a: i8, %b: i8) -> i8 {
  %r = arith.maxui %a, %b : i8
  return %r : i8
}
func.func @f250(%a: i8, %b: i8) -> i8 {
  %r = arith.minsi %a, %b : i8
  return %r : i8
}
func.func @f251(%a: i8, %b: i8) -> i8 {
  %r = arith.minui %a, %b : i8
  return %r : i8
}
func.func @f252(%a: i8, %b: i8) -> i1 {
  %r = arith.cmpi slt, %a, %b : i8
  return %r : i1
}
func.func @f253(%a: i16, %b: i16) -> i16 {
  %r = arith.addi %a, %b : i16
  return %r : i16
}
func.func @f254(%a: i16, %b: i16) -> i16 {
  %r = arith.subi %a, %b : i16
  return %r : i16
}
func.func @f255(%a: i16, %b: i16) -> i16 {
  %r = arith.muli %a, %b : i16
  return %r : i16
}
func.func @f256(%a: i16, %b: i16) -> i16 {
  %r = arith.divsi %a, %b : i16
  return %r : i16
}
func.func @f257(%a: i16, %b: i16) -> i16 {
  %r = arith.divui %a, %b : i16
  return %r : i16
}
func.func @f258(%a: i16, %b: i16) -> i16 {
  %r = arith.ceildivsi %a, %b : i16
  return %r : i16
}
func.func @f259(%a: i16, %b: i16) -> i16 {
  %r = arith.ceildivui %a, %b : i16
  return %r : i16
}
func.func @f260(%a: i16, %b: i16) -> i16 {
  %r = arith.floordivsi %a, %b : i16
  return %r : i16
}
func.func @f261(%a: i16, %b: i16) -> i16 {
  %r = arith.remsi %a, %b : i16
  return %r : i16
}
func.func @f262(%a: i16, %b: i16) -> i16 {
  %r = arith.remui %a, %b : i16
  return %r : i16
}
func.func @f263(%a: i16, %b: i16) -> i16 {
  %r = arith.andi %a, %b : i16
  return %r : i16
}
func.func @f264(%a: i16, %b: i16) -> i16 {
  %r = arith.ori %a, %b : i16
  return %r : i16
}
func.func @f265(%a: i16, %b: i16) -> i16 {
  %r = arith.xori %a, %b : i16
  return %r : i16
}
func.func @f266(%a: i16, %b: i16) -> i16 {
  %r = arith.shli %a, %b : i16
  return %r : i16
}
func.func @f267(%a: i16, %b: i16) -> i16 {
  %r = arith.shrsi %a, %b : i16
  return %r : i16
}
func.func @f268(%a: i16, %b: i16) -> i16 {
  %r = arith.shrui %a, %b : i16
  return %r : i16
}
func.func @f269(%a: i16, %b: i16) -> i16 {
  %r = arith.maxsi %a, %b : i16
  return %r : i16
}
func.func @f270(%a: i16, %b: i16) -> i16 {
  %r = arith.maxui %a, %b : i16
  return %r : i16
}
func.func @f271(%a: i16, %b: i16) -> i16 {
  %r = arith.minsi %a, %b : i16
  return %r : i16
}
func.func @f272(%a: i16, %b: i16) -> i16 {
  %r = arith.minui %a, %b : i16
  return %r : i16
}
func.func @f273(%a: i16, %b: i16) -> i1 {
  %r = arith.cmpi slt, %a, %b : i16
  return %r : i1
}
func.func @f274(%a: i32, %b: i32) -> i32 {
  %r = arith.addi %a, %b : i32
  return %r : i32
}
func.func @f275(%a: i32, %b: i32) -> i32 {
  %r = arith.subi %a, %b : i32
  return %r : i32
}
func.func @f276(%a: i32, %b: i32) -> i32 {
  %r = arith.muli %a, %b : i32
  return %r : i32
}
func.func @f277(%a: i32, %b: i32) -> i32 {
  %r = arith.divsi %a, %b : i32
  return %r : i32
}
func.func @f278(%a: i32, %b: i32) -> i32 {
  %r = arith.divui %a, %b : i32
  return %r : i32
}
func.func @f279(%a: i32, %b: i32) -> i32 {
  %r = arith.ceildivsi %a, %b : i32
  return %r : i32
}
func.func @f280(%a: i32, %b: i32) -> i32 {
  %r = arith.ceildivui %a, %b : i32
  return %r : i32
}
func.func @f281(%a: i32, %b: i32) -> i32 {
  %r = arith.floordivsi %a, %b : i32
  return %r : i32
}
func.func @f282(%a: i32, %b: i32) -> i32 {
  %r = arith.remsi %a, %b : i32
  return %r : i32
}
func.func @f283(%a: i32, %b: i32) -> i32 {
  %r = arith.remui %a, %b : i32
  return %r : i32
}
func.func @f284(%a: i32, %b: i32) -> i32 {
  %r = arith.andi %a, %b : i32
  return %r : i32
}
func.func @f285(%a: i32, %b: i32) -> i32 {
  %r = arith.ori %a, %b : i32
  return %r : i32
}
func.func @f286(%a: i32, %b: i32) -> i32 {
  %r = arith.xori %a, %b : i32
  return %r : i32
}
func.func @f287(%a: i32, %b: i32) -> i32 {
  %r = arith.shli %a, %b : i32
  return %r : i32
}
func.func @f288(%a: i32, %b: i32) -> i32 {
  %r = arith.shrsi %a, %b : i32
  return %r : i32
}
func.func @f289(%a: i32, %b: i32) -> i32 {
  %r = arith.shrui %a, %b : i32
  return %r : i32
}
func.func @f290(%a: i32, %b: i32) -> i32 {
  %r = arith.maxsi %a, %b : i32
  return %r : i32
}
func.func @f291(%a: i32, %b: i32) -> i32 {
  %r = arith.maxui %a, %b : i32
  return %r : i32
}
func.func @f292(%a: i32, %b: i32) -> i32 {
  %r = arith.minsi %a, %b : i32
  return %r : i32
}
func.func @f293(%a: i32, %b: i32) -> i32 {
  %r = arith.minui %a, %b : i32
  return %r : i32
}
func.func @f294(%a: i32, %b: i32) -> i1 {
  %r = arith.cmpi slt, %a, %b : i32
  return %r : i1
}
func.func @f295(%a: i64, %b: i64) -> i64 {
  %r = arith.addi %a, %b : i64
  return %r : i64
}
func.func @f296(%a: i64, %b: i64) -> i64 {
  %r = arith.subi %a, %b : i64
  return %r : i64
}
func.func @f297(%a: i64, %b: i64) -> i64 {
  %r = arith.muli %a, %b : i64
  return %r : i64
}
func.func @f298(%a: i64, %b: i64) -> i64 {
  %r = arith.divsi %a, %b : i64
  return %r : i64
}
func.func @f299(%a: i64, %b: i64) -> i64 {
  %r = arith.divui %a, %b : i64
  return %r : i64
}
func.func @f300(%a: i64, %b: i64) -> i64 {
  %r = arith.ceildivsi %a, %b : i64
  return %r : i64
}
func.func @f301(%a: i64, %b: i64) -> i64 {
  %r = arith.ceildivui %a, %b : i64
  return %r : i64
}
func.func @f302(%a: i64, %b: i64) -> i64 {
  %r = arith.floordivsi %a, %b : i64
  return %r : i64
}
func.func @f303(%a: i64, %b: i64) -> i64 {
  %r = arith.remsi %a, %b : i64
  return %r : i64
}
func.func @f304(%a: i64, %b: i64) -> i64 {
  %r = arith.remui %a, %b : i64
  return %r : i64
}
func.func @f305(%a: i64, %b: i64) -> i64 {
  %r = arith.andi %a, %b : i64
  return %r : i64
}
func.func @f306(%a: i64, %b: i64) -> i64 {
  %r = arith.ori %a, %b : i64
  return %r : i64
}
func.func @f307(%a: i64, %b: i64) -> i64 {
  %r = arith.xori %a, %b : i64
  return %r : i64
}
func.func @f308(%a: i64, %b: i64) -> i64 {
  %r = arith.shli %a, %b : i64
  return %r : i64
}
func.func @f309(%a: i64, %b: i64) -> i64 {
  %r = arith.shrsi %a, %b : i64
  return %r : i64
}
func.func @f310(%a: i64, %b: i64) -> i64 {
  %r = arith.shrui %a, %b : i64
  return %r : i64
}
func.func @f311(%a: i64, %b: i64) -> i64 {
  %r = arith.maxsi %a, %b : i64
  return %r : i64
}
func.func @f312(%a: i64, %b: i64) -> i64 {
  %r = arith.maxui %a, %b : i64
  return %r : i64
}
func.func @f313(%a: i64, %b: i64) -> i64 {
  %r = arith.minsi %a, %b : i64
  return %r : i64
}
func.func @f314(%a: i64, %b: i64) -> i64 {
  %r = arith.minui %a, %b : i64
  return %r : i64
}
func.func @f315(%a: i64, %b: i64) -> i1 {
  %r = arith.cmpi slt, %a, %b : i64
  return %r : i1
}
func.func @f316(%a: index, %b: index) -> index {
  %r = arith.addi %a, %b : index
  return %r : index
}
func.func @f317(%a: index, %b: index) -> index {
  %r = arith.subi %a, %b : index
  return %r : index
}
func.func @f318(%a: index, %b: index) -> index {
  %r = arith.muli %a, %b : index
  return %r : index
}
func.func @f319(%a: index, %b: index) -> index {
  %r = arith.divsi %a, %b : index
  return %r : index
}
func.func @f320(%a: index, %b: index) -> index {
  %r = arith.divui %a, %b : index
  return %r : index
}
func.func @f321(%a: index, %b: index) -> index {
  %r = arith.ceildivsi %a, %b : index
  return %r : index
}
func.func @f322(%a: index, %b: index) -> index {
  %r = arith.ceildivui %a, %b : index
  return %r : index
}
func.func @f323(%a: index, %b: index) -> index {
  %r = arith.floordivsi %a, %b : index
  return %r : index
}
func.func @f324(%a: index, %b: index) -> index {
  %r = arith.remsi %a, %b : index
  return %r : index
}
func.func @f325(%a: index, %b: index) -> index {
  %r = arith.remui %a, %b : index
  return %r : index
}
func.func @f326(%a: index, %b: index) -> index {
  %r = arith.andi %a, %b : index
  return %r : index
}
func.func @f327(%a: index, %b: index) -> index {
  %r = arith.ori %a, %b : index
  return %r : index
}
func.func @f328(%a: index, %b: index) -> index {
  %r = arith.xori %a, %b : index
  return %r : index
}
func.func @f329(%a: index, %b: index) -> index {
  %r = arith.shli %a, %b : index
  return %r : index
}
func.func @f330(%a: index, %b: index) -> index {
  %r = arith.shrsi %a, %b : index
  return %r : index
}
func.func @f331(%a: index, %b: index) -> index {
  %r = arith.shrui %a, %b : index
  return %r : index
}
func.func @f332(%a: index, %b: index) -> index {
  %r = arith.maxsi %a, %b : index
  return %r : index
}
func.func @f333(%a: index, %b: index) -> index {
  %r = arith.maxui %a, %b : index
  return %r : index
}
func.func @f334(%a: index, %b: index) -> index {
  %r = arith.minsi %a, %b : index
  return %r : index
}
func.func @f335(%a: index, %b: index) -> index {
  %r = arith.minui %a, %b : index
  return %r : index
}
func.func @f336(%a: index, %b: index) -> i1 {
  %r = arith.cmpi slt, %a, %b : index
  return %r : i1
}
func.func @f337(%a: i1, %b: i1) -> i1 {
  %r = arith.addi %a, %b : i1
  return %r : i1
}
func.func @f338(%a: i1, %b: i1) -> i1 {
  %r = arith.subi %a, %b : i1
  return %r : i1
}
func.func @f339(%a: i1, %b: i1) -> i1 {
  %r = arith.muli %a, %b : i1
  return %r : i1
}
func.func @f340(%a: i1, %b: i1) -> i1 {
  %r = arith.andi %a, %b : i1
  return %r : i1
}
func.func @f341(%a: i1, %b: i1) -> i1 {
  %r = arith.ori %a, %b : i1
  return %r : i1
}
func.func @f342(%a: i1, %b: i1) -> i1 {
  %r = arith.xori %a, %b : i1
  return %r : i1
}
func.func @f343(%a: i8) -> i8 {
  %r = math.absi %a : i8
  return %r : i8
}
func.func @f344(%a: i8) -> index {
  %r = arith.index_cast %a : i8 to index
  return %r : index
}
func.func @f345(%a: index) -> i8 {
  %r = arith.index_castui %a : index to i8
  return %r : i8
}
func.func @f346(%a: i16) -> i16 {
  %r = math.absi %a : i16
  return %r : i16
}
func.func @f347(%a: i16) -> index {
  %r = arith.index_cast %a : i16 to index
  return %r : index
}
func.func @f348(%a: index) -> i16 {
  %r = arith.index_castui %a : index to i16
  return %r : i16
}
func.func @f349(%a: i32) -> i32 {
  %r = math.absi %a : i32
  return %r : i32
}
func.func @f350(%a: i32) -> index {
  %r = arith.index_cast %a : i32 to index
  return %r : index
}
func.func @f351(%a: index) -> i32 {
  %r = arith.index_castui %a : index to i32
  return %r : i32
}
func.func @f352(%a: i64) -> i64 {
  %r = math.absi %a : i64
  return %r : i64
}
func.func @f353(%a: i64) -> index {
  %r = arith.index_cast %a : i64 to index
  return %r : index
}
func.func @f354(%a: index) -> i64 {
  %r = arith.index_castui %a : index to i64
  return %r : i64
}
func.func @f355(%a: i8) -> i64 {
  %r = arith.extsi %a : i8 to i64
  return %r : i64
}
func.func @f356(%a: i1) -> i32 {
  %r = arith.extui %a : i1 to i32
  return %r : i32
}
func.func @f357(%a: i64) -> i8 {
  %r = arith.trunci %a : i64 to i8
  return %r : i8
}
func.func @f358(%a: i32) -> i1 {
  %r = arith.trunci %a : i32 to i1
  return %r : i1
}
