// RUN: not mpgemm-opt %s --mpgemm-schedule=target=sm_75 2>&1 | FileCheck %s
// RUN: not mpgemm-opt %s --mpgemm-tile=target=sm_75 2>&1 | FileCheck %s
// CHECK: error: unknown target 'sm_75'; known are sm_90a, sm_80, sm_89, sm_120a
module {}
