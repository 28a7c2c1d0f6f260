// RUN: mpgemm-opt %s --mptile-hoist-init --verify-diagnostics

// expected-error @+1 {{has the name of the function that a program runs when it is loaded; give it another name}}
func.func @init(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
