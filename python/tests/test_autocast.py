"""Autocast from f32 models: weights to the bit, results within the bounds of the cast model."""

import json

import ml_dtypes
import model
import numpy as np
import pytest
import weights

import mpgemm
from mpgemm import reference

EVERYTHING = '{"format": 1, "rules": [{"match": {}, "action": {"precision": "asked"}}]}'


def read_constants(artifact) -> dict[str, np.ndarray]:
    """The constants of an artifact as raw bytes with their shapes, by name."""
    path = artifact.path.with_suffix(".safetensors")
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    types = {"BF16": ml_dtypes.bfloat16, "F16": np.float16, "F32": np.float32, "I8": np.int8, "F8_E4M3": ml_dtypes.float8_e4m3fn}
    return {
        name: np.frombuffer(data[8 + size :][slice(*entry["data_offsets"])], types[entry["dtype"]]).reshape(entry["shape"])
        for name, entry in header.items()
        if name != "__metadata__"
    }


def linear_text(weight: np.ndarray, rows="?") -> str:
    """x W^T in f32 with the weight as a resource."""
    n, k = weight.shape
    blob = "10000000" + weight.astype("<f4").tobytes().hex()
    return f"""
    func.func @main(%x: tensor<{rows}x{k}xf32>) -> tensor<{rows}x{n}xf32> {{
      %w = arith.constant dense_resource<w> : tensor<{n}x{k}xf32>
      %y = mpgemm.matmul(%x : tensor<{rows}x{k}xf32>, %w transposed : tensor<{n}x{k}xf32>) accumulate <f32>
          -> tensor<{rows}x{n}xf32>
      return %y : tensor<{rows}x{n}xf32>
    }}
    {{-# dialect_resources: {{ builtin: {{ w: "0x{blob}" }} }} #-}}
    """


def all_scales(generator, shape) -> np.ndarray:
    """Values of every exponent, halves of codes (ties) among them, and zeros."""
    values = generator.standard_normal(shape) * 2.0 ** generator.integers(-30, 14, shape)
    ties = np.round(generator.standard_normal(shape) * 64) / 2
    return np.where(generator.random(shape) < 0.3, ties, values).astype(np.float32)


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text(EVERYTHING)
    return path


@pytest.mark.parametrize("precision, dtype", [("f16", np.float16), ("bf16", ml_dtypes.bfloat16)])
def test_16_bit_weights_are_those_of_numpy(precision, dtype, policy):
    bits = np.random.default_rng(1).integers(0, 2**32, 2**16, np.uint32)
    edges = np.float32([65504, 65519.996, 65520, -65520, 2**-24, 2**-25, 1.5 * 2**-25, 2**-133, 2**-134, np.inf, 0.0, -0.0])
    bits[: len(edges)] = edges.view(np.uint32)
    halves = np.arange(2**15, dtype=np.uint32) << 13 | 0x38001000  # every tie between two f16
    weight = np.concatenate([bits, halves]).view(np.float32).reshape(-1, 256)
    artifact = mpgemm.compile(linear_text(weight), "sm_90a", autocast=precision, autocast_policy=policy)
    stored = read_constants(artifact)[f"w.{precision}"]
    with np.errstate(over="ignore", invalid="ignore"):
        expected = weight.astype(dtype)
    numbers = ~np.isnan(weight)
    np.testing.assert_array_equal(stored.view(np.uint16)[numbers], expected.view(np.uint16)[numbers])
    assert np.isnan(stored[~numbers].astype(np.float32)).all()


@pytest.mark.parametrize("precision", ["tf32", "f16", "bf16", "fp8", "int8"])
@pytest.mark.parametrize("target", ["sm_90a", "sm_80"])
def test_the_block_is_within_the_bound_of_the_cast_model(precision, target):
    if (precision, target) == ("fp8", "sm_80"):
        target = "sm_89"  # sm_80 has no fp8 instructions
    values = model.parameters(weights.Weights.random(), "f32")
    x = np.random.default_rng(2).standard_normal((7, 384)).astype(np.float32)
    artifact = mpgemm.compile(model.mlir_text(values, "f32", 7), target, autocast=precision, autocast_last_layer=True)
    program = mpgemm.load(artifact, f"sim:arch={target}")
    promised = model.autocast_reference_of(x, values, precision, short=target == "sm_90a")
    reference.check(program.main(x), promised, name="y", context=f"{precision}, {target}")


@pytest.mark.parametrize("precision, code", [("fp8", "f8E4M3FN"), ("int8", "i8")])
def test_quantised_weights_are_the_formula_to_the_bit(precision, code, policy):
    weight = all_scales(np.random.default_rng(3), (64, 256))
    weight[5] = 0
    artifact = mpgemm.compile(linear_text(weight), "sm_90a", autocast=precision, autocast_policy=policy)
    constants = read_constants(artifact)
    codes, scales = model.quantize_weight(weight, code)
    np.testing.assert_array_equal(constants[f"w.{code}.scale"], scales)
    np.testing.assert_array_equal(constants[f"w.{code}"].view(np.uint8), codes.view(np.uint8))


def test_calibrated_scales_are_used_to_the_bit(policy, tmp_path):
    generator = np.random.default_rng(4)
    weight, x = (generator.standard_normal(shape).astype(np.float32) for shape in ((48, 96), (9, 96)))
    ranges = tmp_path / "ranges.json"
    # Less than the largest value: what is beyond saturates.
    ranges.write_text('{"format": 1, "layers": {"main.0": {"a": {"min": -2, "max": 1.5, "absmax": 2}}}}')
    artifact = mpgemm.compile(
        linear_text(weight, 9), "sm_90a", autocast="int8", autocast_policy=policy, calibration=ranges
    )
    codes, scales = model.quantize_weight(weight, "i8")
    scale = np.float32(2) / np.float32(127)
    quantised = np.clip(np.rint(x * (np.float32(1) / scale)), -128, 127)
    assert np.abs(quantised).max() > 127
    promised = reference.matmul(
        quantised.astype(np.int8), codes.T, accumulate="i32", a_scale=reference.Scale(scale), b_scale=reference.Scale(scales, 1)
    )
    reference.check(mpgemm.load(artifact, "sim:arch=sm_90a").main(x), promised, name="y")


def test_products_that_stay_f32_keep_their_weights():
    weight = np.ones((8, 16), np.float32)
    artifact = mpgemm.compile(linear_text(weight, 3), "sm_90a", autocast="bf16", remarks_filter="mpgemm-autocast", emit="mpgemm")
    assert "dense_resource<w> : tensor<8x16xf32>" in artifact.path.read_text()
    assert "main.0 stays as it is" in artifact.diagnostics


def test_remarks_name_layer_and_reason():
    values = model.parameters(weights.Weights.random(), "f32")
    artifact = mpgemm.compile(
        model.mlir_text(values, "f32", 7), "sm_90a", autocast="bf16", remarks_filter="mpgemm-autocast", emit="mpgemm"
    )
    assert "main.0 in bf16" in artifact.diagnostics
    assert "main.1 stays as it is: it is the last product" in artifact.diagnostics
