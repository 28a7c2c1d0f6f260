// What a compilation did, for people: products, what was fused into them, kernels, steps.
#ifndef MPGEMM_PIPELINES_REPORT_H
#define MPGEMM_PIPELINES_REPORT_H

#include "mlir/Pass/Pass.h"

namespace mlir::mpgemm {

/// A pass that changes nothing and appends a line for each product with its epilogue and schedule
/// to `report`.
std::unique_ptr<Pass> createProductReportPass(std::string &report);

/// A pass that changes nothing and appends the functions' steps and the kernels' resources to
/// `report`; it runs on lowered kernels and planned functions.
std::unique_ptr<Pass> createProgramReportPass(std::string &report);

} // namespace mlir::mpgemm

#endif // MPGEMM_PIPELINES_REPORT_H
