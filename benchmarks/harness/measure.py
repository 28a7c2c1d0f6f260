"""One case: all our artifacts of a kind and shape, and its peers, on the same tensors. Needs torch and a GPU."""

import datetime
from pathlib import Path
from typing import NamedTuple

import torch

from . import peers
from .accuracy import TORCH, draw, errors, poison
from .artifacts import digest
from .choose import PeerRefused
from .kinds import KINDS, PEERS, bytes_moved, operations, scale_shape
from .summary import compare, summarize
from .timing import copies_beyond_l2, graph_of, heat, time_in_turns


class Case(NamedTuple):
    suite: str
    kind: str
    shape: tuple
    ours: dict  # schedule ("" for the compiler's choice) -> artifact
    peers: list
    own: Path | None  # our product of another kind, where the peer "own" is asked for


class Side(NamedTuple):
    kind: str
    scales: tuple | None
    launch: object
    results: list
    text: str


class Buffers:
    """Copies of A and B, and the scales of each kind."""

    def __init__(self, case: Case):
        self.shape, (m, n, k) = case.shape, case.shape
        self.copies = copies_beyond_l2(bytes_moved(case.kind, case.shape))
        self.generator = torch.Generator("cuda").manual_seed(1)
        element = KINDS[case.kind].element
        self.a = [draw((m, k), element, self.generator) for _ in range(self.copies)]
        self.b = [draw((n, k), element, self.generator) for _ in range(self.copies)]
        self.scales_of = {}

    def scales(self, kind: str):
        m, n, k = self.shape
        sides = (KINDS[kind].scaling_a, m), (KINDS[kind].scaling_b, n)
        if not sides[0][0]:
            return None
        if kind not in self.scales_of:
            self.scales_of[kind] = tuple(
                torch.rand(scale_shape(scaling, outer, k), device="cuda", generator=self.generator) + 0.5 for scaling, outer in sides
            )
        return self.scales_of[kind]

    def results(self, kind: str) -> list:
        m, n, _ = self.shape
        return [torch.empty((m, n), device="cuda", dtype=TORCH[KINDS[kind].result]) for _ in range(self.copies)]


def our_side(buffers: Buffers, kind: str, path: Path) -> Side:
    scales, results = buffers.scales(kind), [None] * buffers.copies
    return Side(kind, scales, peers.ours(path, buffers.a, buffers.b, scales, results), results, "")


def peer_side(buffers: Buffers, case: Case, name: str, heuristics: int) -> Side:
    kind = PEERS[case.kind][name]
    if name == "own":
        return our_side(buffers, kind, case.own)._replace(text=f"our product of type {kind}")
    scales, results = buffers.scales(kind), buffers.results(kind)
    choice = peers.peer(name, kind, buffers.a, buffers.b, scales, results, heuristics)
    return Side(kind, scales, choice.candidate.launch, results, choice.text)


def check(buffers: Buffers, sides: dict) -> dict:
    """Name -> (largest share of a bound, relative root mean square) over the first and the last copy of the buffers."""
    found = {}
    for kind in {side.kind for side in sides.values()}:
        names = [name for name, side in sides.items() if side.kind == kind]
        for i in {0, buffers.copies - 1}:
            results = {name: sides[name].results[i] for name in names}
            for name, pair in errors(kind, buffers.a[i], buffers.b[i], buffers.scales(kind), results).items():
                found[name] = tuple(map(max, pair, found.get(name, (0.0, 0.0))))
    return found


def series(times: dict, our_name: str, peer_name, shape) -> dict:
    """What one series of turns says of a pair of sides."""
    one = {"ours": summarize(times[our_name])}
    if peer_name in times:
        one["peer"] = summarize(times[peer_name])
        one |= compare(times[our_name], times[peer_name])
    for name in ("ours", "peer"):
        if name in one:
            one[name]["tflops"] = operations(shape) / one[name]["us"] * 1e-6
    return one


def measure(case: Case, settings: dict, say, preheat) -> list:
    """The rows of a case: one for each of our schedules and each peer. `preheat` heats the card the first time it is called."""
    say("tensors")
    buffers = Buffers(case)
    sides = {("ours", schedule): our_side(buffers, case.kind, path) for schedule, path in case.ours.items()}
    refused = {}
    for name in case.peers:
        say(f"choosing {name}")
        try:
            sides["peer", name] = peer_side(buffers, case, name, settings["heuristics"])
        except PeerRefused as error:
            refused[name] = str(error)
    say("graphs")
    graphs = {name: graph_of(side.launch, buffers.copies, settings["graph_ms"]) for name, side in sides.items()}
    for side in sides.values():
        for result in side.results:
            poison(result)
    say("cool series")
    cool = time_in_turns(graphs, settings["cool_rounds"], settings["cool_rest"])
    say("heating")
    preheat()
    heat(graphs, settings["rewarm"])
    say("sustained series")
    sustained = time_in_turns(graphs, settings["rounds"])
    say("checking")
    error = check(buffers, sides)
    rows = []
    for schedule, path in case.ours.items():
        us = "ours", schedule
        for name in case.peers:
            them = "peer", name
            names = [("ours", us)] + ([("peer", them)] if them in sides else [])
            rows.append({
                "suite": case.suite, "shape": list(case.shape), "type": case.kind, "schedule": schedule, "artifact": digest(path),
                "peer": name, "peer_type": PEERS[case.kind][name],
                **({"refused": refused[name]} if name in refused else {"choice": sides[them].text}),
                "sustained": series(sustained, us, them, case.shape), "cool": series(cool, us, them, case.shape),
                "error": {role: error[side][0] for role, side in names}, "relative_rms": {role: error[side][1] for role, side in names},
                "copies": buffers.copies, "date": datetime.date.today().isoformat(), "device": settings["device"],
            })  # fmt: skip
    return rows
