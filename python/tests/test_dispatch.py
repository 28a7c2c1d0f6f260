"""One layer for every number of rows: each of its kernels gives the right result, on both sides of every bound."""

import ml_dtypes
import numpy as np
import pytest

import mpgemm
from mpgemm import reference

K, N = 192, 160
BOUNDS = [32, 96]
SCHEDULES = {
    "sm_90a": ["<tile = [64, 32, 64]>", "<tile = [64, 160, 64]>", "<tile = [128, 80, 64]>"],
    "sm_80": ["<tile = [16, 64, 64]>", "<tile = [32, 64, 64]>", "<tile = [64, 64, 64]>"],
}


def layer(target):
    few = ", ".join(SCHEDULES[target][:-1])
    return f"""
    func.func @main(%x: tensor<?x{K}xbf16>, %w: tensor<{N}x{K}xbf16>, %bias: tensor<{N}xf32>) -> tensor<?x{N}xf32> {{
      %d = mpgemm.matmul(%x : tensor<?x{K}xbf16>, %w transposed : tensor<{N}x{K}xbf16>) accumulate <f32>
          schedule {SCHEDULES[target][-1]} dispatch <{BOUNDS} : [{few}]>
          epilogue(%acc : f32, %b = %bias[(d0, d1) -> (d1)] : tensor<{N}xf32>) {{
        %0 = arith.addf %acc, %b : f32
        mpgemm.yield %0 : f32
      }} -> tensor<?x{N}xf32>
      return %d : tensor<?x{N}xf32>
    }}"""


@pytest.fixture(scope="module", params=sorted(SCHEDULES))
def artifact(request):
    return mpgemm.compile(layer(request.param), request.param)


def test_a_launch_lists_a_kernel_for_each_bound(artifact):
    described = artifact.manifest
    variants = described["functions"][0]["steps"][0]["variants"]
    assert [variant["when"] for variant in variants] == [["le", "s0", 32], ["le", "s0", 96], 1]
    assert len({variant["kernel"] for variant in variants}) == len(described["kernels"]) == 3


def test_every_kernel_is_right_and_a_row_has_the_same_bits_in_all(artifact):
    program = mpgemm.load(artifact, f"sim:arch={artifact.manifest['target']},sms=4")
    rng = np.random.default_rng(7)
    most = 129
    x = rng.standard_normal((most, K)).astype(ml_dtypes.bfloat16)
    w = rng.standard_normal((N, K)).astype(ml_dtypes.bfloat16)
    bias = rng.standard_normal(N).astype(np.float32)
    whole = program.main(x, w, bias)
    for rows in (1, 31, 32, 33, 95, 96, 97, most):
        result = program.main(np.ascontiguousarray(x[:rows]), w, bias)
        assert result.shape == (rows, N)
        reference.check(result, (reference.matmul(x[:rows], w.T) + reference.exact(bias)).to("f32"))
        np.testing.assert_array_equal(result, whole[:rows])
