"""What each target is asked to compile: the one table that decides which problems are drawn.

A row is a family of operand types on a target. What stands here must compile and be right; a combination that the
compiler refuses is not drawn, and is listed with its message in test/Dialect/MPGemm (the support table's test).
"""

from dataclasses import dataclass

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
    weight: int = 1  # how often it is drawn


HALF = Family("half", (("f16", "f16"), ("bf16", "bf16")), weight=4)
HALF_SHORT_SUM = Family("f16 sums", (("f16", "f16"),), accumulate=("f16",), forms=("mpgemm",))

SUPPORT = {
    "sm_80": (HALF, HALF_SHORT_SUM),
    "sm_90a": (HALF, HALF_SHORT_SUM),
}
TARGETS = tuple(SUPPORT)
