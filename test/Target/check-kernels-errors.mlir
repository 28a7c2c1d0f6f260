// RUN: mpgemm-opt %s --pass-pipeline='builtin.module(gpu.module(mpgemm-check-kernels))' --split-input-file --verify-diagnostics
// What LLVM's backend would abort on is refused first.

gpu.module @kernels {
  llvm.func @k(%x: f32) {
    // expected-error @+1 {{'llvm.intr.sin' has no PTX that a kernel can use}}
    %0 = llvm.intr.sin(%x) : (f32) -> f32
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @k(%x: i128) {
    // expected-error @+1 {{'llvm.add' uses 'i128', which kernels cannot compute with}}
    %0 = llvm.add %x, %x : i128
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @k(%x: f64) {
    // expected-error @+1 {{'llvm.intr.exp2' exists for f32, f16 and bf16, not for f64}}
    %0 = llvm.intr.exp2(%x) : (f64) -> f64
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @tanhf(f32) -> f32
  llvm.func @k(%x: f32) {
    // expected-error @+1 {{kernels can only call functions of this module; there is no library on the device with 'tanhf'}}
    %0 = llvm.call @tanhf(%x) : (f32) -> f32
    llvm.return
  }
}

// -----

gpu.module @kernels {
  llvm.func @k(%x: f32) {
    // expected-error @+1 {{'math.tanh' was not lowered and has no PTX}}
    %0 = math.tanh %x : f32
    llvm.return
  }
}
