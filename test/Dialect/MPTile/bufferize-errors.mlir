// RUN: mpgemm-opt %s --mptile-bufferize --split-input-file --verify-diagnostics

// expected-error @+1 {{argument 0 has mpgemm.inout = 1 : i64, but the function has 1 results; give the index of the result that it becomes}}
func.func @no_such_result(%x: tensor<8xf32> {mpgemm.inout = 1 : i64}) -> tensor<8xf32> {
  return %x : tensor<8xf32>
}

// -----

// expected-error @+1 {{argument 0 is 'tensor<8xf32>', but its inout result 0 is 'tensor<4xf32>'}}
func.func @other_type(%x: tensor<8xf32> {mpgemm.inout = 0 : i64}, %y: tensor<4xf32>) -> tensor<4xf32> {
  return %y : tensor<4xf32>
}

// -----

// expected-error @+1 {{arguments 0 and 1 are both inout with result 0}}
func.func @two(%x: tensor<8xf32> {mpgemm.inout = 0 : i64}, %y: tensor<8xf32> {mpgemm.inout = 0 : i64}) -> tensor<8xf32> {
  return %y : tensor<8xf32>
}
