// The tool knows both dialects.
// RUN: mpgemm-opt --show-dialects | FileCheck %s
// CHECK: mpgemm
// CHECK-SAME: mptile
