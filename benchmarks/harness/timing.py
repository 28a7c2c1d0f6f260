"""CUDA graphs of rotated launches, and timing of several sides in turns. Needs torch and a GPU."""

import gc
import time
from contextlib import contextmanager
from typing import NamedTuple

import torch

L2_MULTIPLE = 4
MOST_LAUNCHES = 4000


class Timed(NamedTuple):
    """A graph of `count` launches."""

    graph: torch.cuda.CUDAGraph
    count: int


def copies_beyond_l2(bytes_once: int) -> int:
    """How many copies of the buffers keep a launch from finding its data in the L2 cache."""
    l2 = torch.cuda.get_device_properties(0).L2_cache_size
    return max(2, min(64, -(-L2_MULTIPLE * l2 // bytes_once)))


@contextmanager
def _no_collection():
    gc.collect()  # a program that is unloaded during a capture would end it
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def make_graph(launch, copies: int, count: int) -> torch.cuda.CUDAGraph:
    """Captures `count` calls of launch(i), i going round the copies, as one CUDA graph; the first run outside the capture loads and
    warms everything."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with _no_collection(), torch.cuda.stream(stream):
        launch(0)
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for i in range(count):
                launch(i % copies)
    return graph


def time_graph(graph, count: int) -> float:
    """Microseconds of one launch."""
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    graph.replay()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) * 1e3 / count


def graph_of(launch, copies: int, milliseconds: float, most: int = MOST_LAUNCHES) -> Timed:
    """A graph of about this length that uses every copy at least once."""
    once = make_graph(launch, copies, copies)
    time_graph(once, copies)
    rounds = int(milliseconds * 1e3 / time_graph(once, copies) / copies)
    count = copies * max(1, min(rounds, most // copies))
    return Timed(once if count == copies else make_graph(launch, copies, count), count)


def heat(sides: dict, seconds: float) -> None:
    """Runs all sides in turns for so long."""
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        for side in sides.values():
            side.graph.replay()
        torch.cuda.synchronize()


def heat_by_products(seconds: float) -> None:
    """Runs large bf16 products for so long: the card reaches its power limit whatever is measured first."""
    a, b = (torch.randn(8192, 8192, device="cuda", dtype=torch.bfloat16) for _ in range(2))
    out = torch.empty_like(a)
    heat({"mm": Timed(make_graph(lambda i: torch.mm(a, b, out=out), 1, 20), 20)}, seconds)


def time_in_turns(sides: dict, rounds: int, rest: float = 0.0) -> dict:
    """Name -> microseconds of a launch, one value for each turn. With `rest`, seconds of idleness before every graph: a cool card.
    Without, everything is enqueued at once, and the card never waits."""
    if rest:
        times = {name: [] for name in sides}
        for _ in range(rounds):
            for name, side in sides.items():
                time.sleep(rest)
                times[name].append(time_graph(*side))
        return times
    events = [torch.cuda.Event(enable_timing=True)]
    events[0].record()
    for _ in range(rounds):
        for side in sides.values():
            side.graph.replay()
            events.append(torch.cuda.Event(enable_timing=True))
            events[-1].record()
    torch.cuda.synchronize()
    turns = [begin.elapsed_time(end) for begin, end in zip(events, events[1:])]
    return {name: [turn * 1e3 / side.count for turn in turns[at :: len(sides)]] for at, (name, side) in enumerate(sides.items())}
