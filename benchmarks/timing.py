"""What the benchmarks share: CUDA graphs of rotated launches, sustained timing of several sides in turns."""
import gc
import statistics
import time

import torch

L2_MULTIPLE = 4


def copies_beyond_l2(bytes_once):
    """How many copies of the buffers keep a launch from finding its data in the L2 cache."""
    l2 = torch.cuda.get_device_properties(0).L2_cache_size
    return max(2, min(64, -(-L2_MULTIPLE * l2 // bytes_once)))


def make_graph(launch, copies, count):
    """Captures `count` calls of launch(i), i going round the copies, as one CUDA graph; the first run outside the capture loads and
    warms everything."""
    stream = torch.cuda.Stream()
    gc.collect()  # a program that is unloaded during a capture would end it
    gc.disable()
    with torch.cuda.stream(stream):
        launch(0)
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, stream=stream):
            for i in range(count):
                launch(i % copies)
    gc.enable()
    return graph


def time_graph(graph, count):
    """Microseconds of one launch."""
    begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    begin.record()
    graph.replay()
    end.record()
    end.synchronize()
    return begin.elapsed_time(end) * 1e3 / count


def time_in_turns(graphs, count, preheat, rounds):
    """Name -> {"us": median, "p10", "p90"} of graphs of `count` launches each, after a common preheating of `preheat` seconds."""
    stop = time.time() + preheat
    while time.time() < stop:
        for graph in graphs.values():
            graph.replay()
        torch.cuda.synchronize()
    times = {name: [] for name in graphs}
    for _ in range(rounds):
        for name, graph in graphs.items():
            times[name].append(time_graph(graph, count))
    summary = {}
    for name, values in times.items():
        values.sort()
        summary[name] = {"us": statistics.median(values), "p10": values[len(values) // 10], "p90": values[-len(values) // 10 - 1]}
    return summary
