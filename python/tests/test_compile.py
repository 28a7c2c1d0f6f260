"""mpgemm.compile: mpgemm-opt as a process, its messages as exceptions; compile, load and call together."""

import ml_dtypes
import numpy as np
import pytest

import mpgemm
from mpgemm import reference

PRODUCT = """
func.func @main(%a: tensor<?x64xbf16>, %b: tensor<48x64xbf16>, %bias: tensor<48xf32>) -> tensor<?x48xbf16> {
  %d = mpgemm.matmul(%a : tensor<?x64xbf16>, %b transposed : tensor<48x64xbf16>) accumulate <f32>
      epilogue(%acc : f32, %x = %bias[(d0, d1) -> (d1)] : tensor<48xf32>) {
    %0 = arith.addf %acc, %x : f32
    %1 = arith.truncf %0 : f32 to bf16
    mpgemm.yield %1 : bf16
  } -> tensor<?x48xbf16>
  return %d : tensor<?x48xbf16>
}
"""


@pytest.mark.parametrize("target", ["sm_90a", "sm_80"])
def test_a_product_from_text_to_numbers(target):
    generator = np.random.default_rng(3)
    a = generator.standard_normal((37, 64)).astype(ml_dtypes.bfloat16)
    b = generator.standard_normal((48, 64)).astype(ml_dtypes.bfloat16)
    bias = generator.standard_normal(48).astype(np.float32)
    program = mpgemm.load(mpgemm.compile(PRODUCT, target), f"sim:arch={target},sms=2")
    got = program(a, b, bias)
    assert got.dtype == ml_dtypes.bfloat16
    reference.check(got, (reference.matmul(a, b.T) + reference.exact(bias)).to("bf16"))


def test_compiling_from_a_path_to_a_path(tmp_path):
    source, output = tmp_path / "product.mlir", tmp_path / "out.ptx"
    source.write_text(PRODUCT)
    artifact = mpgemm.compile(source, "sm_80", output)
    assert artifact.path == output and output.read_text().startswith("// mpgemm-artifact 1")
    assert artifact.manifest["target"] == "sm_80"
    assert mpgemm.compile(str(source), "sm_80", tmp_path / "again.ptx").path.read_bytes() == output.read_bytes()


def test_a_syntax_error_is_an_exception_with_its_place():
    with pytest.raises(mpgemm.CompileError, match=r":2:\d+: error"):
        mpgemm.compile("func.func @main() {\n  oops\n}\n", "sm_80")


def test_an_unknown_target_lists_the_known():
    with pytest.raises(mpgemm.CompileError, match="sm_90a"):
        mpgemm.compile(PRODUCT, "sm_12")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(mpgemm.CompileError, match="nothing.mlir"):
        mpgemm.compile(tmp_path / "nothing.mlir", "sm_80")


def test_an_existing_output_survives_a_failure(tmp_path):
    output = tmp_path / "kept.ptx"
    output.write_text("precious")
    with pytest.raises(mpgemm.CompileError):
        mpgemm.compile("nonsense\n", "sm_80", output)
    assert output.read_text() == "precious"


def test_temporary_artifacts_go_with_their_object():
    artifact = mpgemm.compile(PRODUCT, "sm_80")
    path = artifact.path
    assert path.exists()
    del artifact
    assert not path.exists()
