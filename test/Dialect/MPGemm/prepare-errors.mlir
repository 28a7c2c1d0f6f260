// RUN: mpgemm-opt %s --mpgemm-prepare --split-input-file --verify-diagnostics

// expected-error @+1 {{argument 0 of @scalar is 'index'; the arguments and results of a program are ranked tensors of numbers}}
func.func @scalar(%n: index) { return }

// -----

// expected-error @+1 {{argument 0 of @unranked is 'tensor<*xf32>'}}
func.func @unranked(%x: tensor<*xf32>) { return }

// -----

// expected-error @+1 {{@complex takes 'tensor<4xcomplex<f32>>', which no kernel can compute with; use signless integers of up to 64 bits or floats}}
func.func @complex(%x: tensor<4xcomplex<f32>>) { return }

// -----

// expected-error @+1 {{@unsigned takes 'tensor<4xui8>', which no kernel can compute with}}
func.func @unsigned(%x: tensor<4xui8>) { return }

// -----

func.func @loop(%x: tensor<4xf32>) -> tensor<4xf32> {
  %c0 = arith.constant 0 : index
  %c4 = arith.constant 4 : index
  // expected-error @+1 {{'scf.for' is control flow; a program is straight-line code, loops and branches belong to the caller}}
  %r = scf.for %i = %c0 to %c4 step %c4 iter_args(%t = %x) -> tensor<4xf32> {
    scf.yield %t : tensor<4xf32>
  }
  return %r : tensor<4xf32>
}

// -----

func.func private @elsewhere(tensor<4xf32>) -> tensor<4xf32>
func.func @call(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{calls @elsewhere, which was not inlined: it is external, recursive or has several blocks}}
  %r = call @elsewhere(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %r : tensor<4xf32>
}

// -----

ml_program.global private mutable @state(dense<0> : tensor<i64>) : tensor<i64>
func.func @mutable(%x: tensor<i64>) -> tensor<i64> {
  // expected-error @+1 {{loads @state, which the program changes; pass such state as an argument with `mpgemm.inout`}}
  %0 = ml_program.global_load @state : tensor<i64>
  ml_program.global_store @state = %x : tensor<i64>
  return %0 : tensor<i64>
}

// -----

// expected-error @+1 {{has no public function to compile; write one, for instance `func.func @main`}}
module {}

// -----

// expected-error @+1 {{argument 0 of @dimension_beyond_32_bits has a dimension of 2147483648 in 'tensor<2147483648xf16>'; one dimension may have up to 2147479552}}
func.func @dimension_beyond_32_bits(%a: tensor<2147483648xf16>) -> tensor<2147483648xf16> {
  return %a : tensor<2147483648xf16>
}

// -----

func.func @no_such_dimension(%x: tensor<?x64xf32>) -> tensor<?xf32> {
  %c7 = arith.constant 7 : index
  // expected-error @+1 {{'tensor.dim' op asks for dimension 7 of 'tensor<?x64xf32>', which has 2}}
  %d = tensor.dim %x, %c7 : tensor<?x64xf32>
  %e = tensor.empty(%d) : tensor<?xf32>
  return %e : tensor<?xf32>
}

// -----

// expected-error @+1 {{@init is what a program runs when it is loaded; give this function another name}}
func.func @init(%x: tensor<4xf32>) -> tensor<4xf32> { return %x : tensor<4xf32> }

// -----

// expected-error @+1 {{argument 0 of @flat has 17 dimensions; at most 16 are possible}}
func.func @flat(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1xf32>) { return }

// -----

func.func @rank_forgotten(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{'tensor.cast' gives 'tensor<*xf32>'; the tensors of a program have a known number of dimensions}}
  %0 = tensor.cast %x : tensor<4xf32> to tensor<*xf32>
  %1 = tensor.cast %0 : tensor<*xf32> to tensor<4xf32>
  return %1 : tensor<4xf32>
}

// -----

// expected-error @+1 {{argument 0 of @vast has more than 281474976710656 elements in 'tensor<2147000000x2147000000x2xi8>'}}
func.func @vast(%x: tensor<2147000000x2147000000x2xi8>) { return }
