"""The lit suite of the compiler half: one RUN line per claim, FileCheck for the rest."""

import os

import lit.formats

config.name = "mpgemm"
config.test_format = lit.formats.ShTest(True)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.mpgemm_binary_dir, "test")
config.excludes = ["unit", "mutation", "golden", "Inputs"]

config.environment["PATH"] = os.path.pathsep.join(
    [config.mpgemm_tools_dir, config.llvm_tools_dir, config.environment["PATH"]]
)
config.substitutions.append(("%PATH%", config.environment["PATH"]))
config.substitutions.append(("%mlir_libs", config.llvm_lib_dir))
config.substitutions.append(("%ptxas", config.ptxas or "ptxas"))
if config.ptxas:
    config.available_features.add("ptxas")
