"""What each target is asked to compile: the one table that decides which problems are drawn.

A row is a family of operand types on a target. What stands here must compile and be right; a combination that the
compiler refuses is not drawn, and is listed with its message in test/Dialect/MPGemm (the support table's test).
"""

from dataclasses import dataclass, replace

FP8 = ("f8E4M3FN", "f8E5M2")
INT8 = ("i8", "u8")
FLOAT_RESULTS = ("f32", "f16", "bf16")
ALL_RESULTS = (*FLOAT_RESULTS, *FP8, "i8")


@dataclass(frozen=True)
class Family:
    name: str
    pairs: tuple  # of element types of A and B
    accumulate: tuple = ("f32",)
    promote: tuple = (None,)  # None: the target chooses
    results: tuple = FLOAT_RESULTS
    scalings: tuple = ()  # kinds of scales, see problem.py
    scale_types: tuple = ("f32",)
    zero_points: bool = False
    forms: tuple = ("mpgemm", "linalg")
    schedules: bool = True
    short: bool = False  # sums 8-bit floats in a short accumulator
    tf32: bool = False
    k_major: bool = False  # operands are stored with K contiguous
    weight: int = 1  # how often it is drawn


PAIRS = tuple((a, b) for a in FP8 for b in FP8)
INT8_PAIRS = tuple((a, b) for a in INT8 for b in INT8)
SCALE_TYPES = ("f32", "f32", "f16", "bf16", "f8E8M0FNU")

# What the dialect can say, and its linalg decomposition computes.
HALF = Family("half", (("f16", "f16"), ("bf16", "bf16")), results=ALL_RESULTS, weight=4)
HALF_SHORT_SUM = Family("f16 sums", (("f16", "f16"),), accumulate=("f16",), forms=("mpgemm",))
SINGLE = Family("f32", (("f32", "f32"),), results=ALL_RESULTS, weight=2)
TF32 = Family("tf32", (("f32", "f32"),), forms=("mpgemm",), tf32=True, weight=2)
FLOAT8 = Family(
    "fp8", PAIRS, promote=(None, None, 128, 256, "never"), results=ALL_RESULTS, scale_types=SCALE_TYPES,
    scalings=("tensor", "outer", "group 128", "two-sided block", "mx"), weight=4,
)  # fmt: skip
FLOAT8_SHORT_SUM = Family("fp8 in f16", PAIRS, accumulate=("f16",), forms=("mpgemm",))
INTEGER8 = Family(
    "int8", INT8_PAIRS, accumulate=("i32",), results=("i32", *ALL_RESULTS), scale_types=SCALE_TYPES,
    scalings=("tensor", "outer", "group 128"), zero_points=True, weight=3,
)  # fmt: skip
EVERYTHING = (HALF, HALF_SHORT_SUM, SINGLE, TF32, FLOAT8, FLOAT8_SHORT_SUM, INTEGER8)

# What a target lowers. Scales along K of integers act on i32 partial sums; f16 sums take no scales.
_SHORT_FLOAT8 = replace(FLOAT8, short=True)
_MMA_SYNC = (HALF, HALF_SHORT_SUM, SINGLE, TF32, INTEGER8)
SUPPORT = {
    "sm_80": _MMA_SYNC,
    "sm_89": (*_MMA_SYNC, _SHORT_FLOAT8),
    "sm_90a": (*_MMA_SYNC, _SHORT_FLOAT8, FLOAT8_SHORT_SUM),
}  # sm_120a: its PTX has additions of mixed types, which the simulator does not know yet
TARGETS = tuple(SUPPORT)

# Ops between values and codes: name, scalings, types of the codes.
VALUE_TYPES = FLOAT_RESULTS
CODE_TYPES = (*FP8, "i8")
ALL_SCALINGS = (
    "<per_tensor>", "<row>", "<column>", "<group = 32>", "<group = 128>", "<block = [4, 64]>", "<block = [128, 128]>", "<mx>",
)  # fmt: skip
EVERY_CODE_OP = (
    ("quantize", ALL_SCALINGS, (*CODE_TYPES, "u8")), ("dequantize", ALL_SCALINGS, (*CODE_TYPES, "u8")),
    ("dynamic_quantize", ALL_SCALINGS, CODE_TYPES),
)  # fmt: skip
CODES = {target: EVERY_CODE_OP for target in TARGETS}
