"""Medians, spreads and ratios of timings."""

import math


def quantile(values, share: float) -> float:
    """Linear between the neighbours; `values` in any order, not empty."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values to take a quantile of")
    at = share * (len(ordered) - 1)
    low = math.floor(at)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (at - low)


def summarize(values) -> dict:
    """Median and spread of microseconds."""
    return {"us": quantile(values, 0.5), "p10": quantile(values, 0.1), "p90": quantile(values, 0.9)}


def compare(ours, peer) -> dict:
    """How many times faster we are: of the medians, and the spread over the turns, in which both sides saw the same card."""
    if len(ours) != len(peer):
        raise ValueError(f"{len(ours)} turns of ours, {len(peer)} of the peer: they have to come in pairs")
    turns = [theirs / own for own, theirs in zip(ours, peer)]
    return {"ratio": quantile(peer, 0.5) / quantile(ours, 0.5), "ratio_p10": quantile(turns, 0.1), "ratio_p90": quantile(turns, 0.9)}


def geometric_mean(values) -> float:
    values = list(values)
    if not values:
        raise ValueError("no values to take a mean of")
    return math.exp(sum(map(math.log, values)) / len(values))
