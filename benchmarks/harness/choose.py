"""Finds the fastest of several ways to compute a product: what an autotuner does, on buffers that rotate beyond the L2 cache.

All of them are timed shortly; the fastest FINALISTS again in turns, on a card that they have heated, since what is fastest on a cool one
may meet the power limit. Needs torch and a GPU to run; the classes need nothing.
"""

from typing import Callable, NamedTuple

from .summary import quantile

FINALISTS = 4
FIRST_MS, FINAL_MS = 1.5, 4.0
FIRST_ROUNDS, FINAL_ROUNDS = 3, 15
HEAT_SECONDS = 0.5


class PeerRefused(Exception):
    """A peer does not compute this product; the message says why. The row says it too."""


class Candidate(NamedTuple):
    name: str
    launch: Callable[[int], None]  # of the i-th copy of the buffers


class Choice(NamedTuple):
    candidate: Candidate
    text: str


def fastest(times: dict, count: int) -> list:
    """The names of the `count` smallest medians, fastest first."""
    return sorted(times, key=lambda name: quantile(times[name], 0.5))[:count]


def choose(candidates: list, copies: int, unusable: tuple = ()) -> Choice:
    """`unusable`: exceptions of a first launch that mean that this candidate does not fit, beside PeerRefused."""
    from .timing import graph_of, heat, time_in_turns

    first, why = {}, "there is no candidate"
    for index, candidate in enumerate(candidates):
        try:
            side = graph_of(candidate.launch, copies, FIRST_MS)
        except (PeerRefused, *unusable) as error:
            why = f"{candidate.name}: {error}"
            continue
        first[index] = time_in_turns({0: side}, FIRST_ROUNDS)[0]
    if not first:
        raise PeerRefused(f"none of {len(candidates)} candidates runs; {why}")
    finalists = fastest(first, FINALISTS)
    if len(first) > 1:
        sides = {index: graph_of(candidates[index].launch, copies, FINAL_MS) for index in {*finalists, min(first)}}
        heat(sides, HEAT_SECONDS)
        final = time_in_turns(sides, FINAL_ROUNDS)
    else:
        final = first
    best, start = fastest(final, 1)[0], min(first)
    text = (f"candidate {best + 1} of {len(candidates)} ({len(first)} run): {candidates[best].name}; "
            f"{quantile(final[best], 0.5):.2f} us when chosen, candidate {start + 1} {quantile(final[start], 0.5):.2f} us")  # fmt: skip
    return Choice(candidates[best], text)
