"""The benchmarks without a GPU: shapes are read, statistics are right, tables and plots hold every row, a run goes on where it was,
and what is missing is said before anything is measured."""

import argparse
import json
import subprocess
import sys

import build
import pytest
from harness import BENCHMARKS, artifacts, choose, command, kinds, plots, require, results, session, shapes, summary, tables

SETTINGS = {"device": "NVIDIA H200", "target": "sm_90a", "preheat": 20.0, "rewarm": 3.0, "rounds": 40, "cool_rounds": 9, "cool_rest": 0.1,
            "graph_ms": 20.0, "heuristics": 32, "versions": {"torch": "2.11.0", "cublaslt": "130100"}}  # fmt: skip


def one_series(shape, ours, peer):
    return {
        "ours": {**summary.summarize(ours), "tflops": kinds.operations(shape) / ours[0] * 1e-6},
        "peer": {**summary.summarize(peer), "tflops": kinds.operations(shape) / peer[0] * 1e-6},
        **summary.compare(ours, peer),
    }


def row(kind="bf16", shape=(4096, 4096, 4096), peer="cublaslt", ratio=1.25, **changes):
    series = one_series(shape, [200.0, 200.0, 200.0], [200.0 * ratio] * 3)
    return {"suite": "prefill", "shape": list(shape), "type": kind, "schedule": "", "artifact": "0" * 16, "peer": peer,
            "peer_type": kinds.PEERS[kind][peer], "choice": "algorithm 66", "sustained": series, "cool": series,
            "error": {"ours": 0.5, "peer": 0.25}, "relative_rms": {"ours": 1e-3, "peer": 1e-3}, "copies": 3, "date": "2026-11-23",
            "device": "NVIDIA H200", **changes}  # fmt: skip


def refused(**changes):
    whole = row(**changes)
    for name in ("sustained", "cool"):
        whole[name] = {"ours": whole[name]["ours"]}
    return {**whole, "refused": "proposes no algorithm", "error": {"ours": 0.5}}


# Shapes and the other words of the command line.


def test_shapes_are_read_in_lists():
    assert shapes.parse_shapes("4096x14336x4096,1x2x3") == [(4096, 14336, 4096), (1, 2, 3)]
    assert shapes.parse_sizes("8192x4096", 2) == (8192, 4096)


@pytest.mark.parametrize("text, why", [("4096x4096", "write MxNxK"), ("4096x4096x", "write MxNxK"), ("1x-2x3", "write MxNxK"),
                                       ("0x2x3", "size of 0"), ("", "write MxNxK")])  # fmt: skip
def test_a_wrong_shape_is_refused_with_the_right_form(text, why):
    with pytest.raises(argparse.ArgumentTypeError, match=why):
        shapes.parse_shapes(text)


def test_an_unknown_type_names_the_known_ones():
    with pytest.raises(argparse.ArgumentTypeError, match="'fp5' is not a type; there are bf16, f16"):
        shapes.parse_kinds("bf16,fp5")


def test_suites_and_shapes_are_joined_once():
    arguments = command.parse(["--suite", "decode,odd", "--shape", "1x1x1,5x5x5", "--shape", "8192x8192x8192"])
    chosen = shapes.chosen_shapes(arguments)
    assert len(chosen) == len(set(chosen)) == 8 + 7 + 2
    assert chosen[0] == ("decode", (1, 4096, 4096))
    assert chosen[-2:] == [("single", (5, 5, 5)), ("prefill", (8192, 8192, 8192))]


def test_without_words_prefill_of_bf16_is_measured():
    cases = command.plan(command.parse([]))
    assert [case[:3] for case in cases] == [("prefill", "bf16", shape) for shape in shapes.SUITES["prefill"]]
    assert cases[0][4] == ["cublaslt", "triton"]


def test_a_number_below_its_least_is_refused(capsys):
    with pytest.raises(SystemExit):
        command.parse(["--rounds", "0"])
    assert "--rounds is 0; it has to be at least 1" in capsys.readouterr().err


def test_a_type_without_the_peers_asked_for_is_refused():
    with pytest.raises(require.Refusal, match="--type e4m3-block has no peer triton; it has own"):
        command.plan(command.parse(["--type", "bf16,e4m3-block", "--peer", "triton"]))


def test_every_kind_has_a_peer_that_computes_a_kind():
    assert set(kinds.PEERS) == set(kinds.KINDS)
    for kind, peers in kinds.PEERS.items():
        assert peers and set(peers) <= set(kinds.PEER_NAMES), kind
        for other in peers.values():
            assert kinds.KINDS[other].element == kinds.KINDS[kind].element


# Artifacts.


def test_artifacts_of_other_schedules_and_of_own_peers_are_there():
    entries = artifacts.entries_of(["bf16", "e4m3-block"], [(64, 64, 128)], ["", "tile = [64, 64, 64]"])
    assert [entry["artifact"] for entry in entries] == [
        "bf16_64x64x128.ptx", "bf16_64x64x128_tile_64_64_64.ptx", "e4m3-block_64x64x128.ptx",
        "e4m3-block_64x64x128_tile_64_64_64.ptx", "e4m3_64x64x128.ptx",
    ]  # fmt: skip


def test_every_kind_compiles_and_what_does_not_says_why(tmp_path):
    entries = artifacts.entries_of(kinds.KINDS, [(64, 64, 128)])
    wrong = artifacts.entries_of(["bf16"], [(64, 64, 128)], ["tile = [3, 5, 7]"])
    index = artifacts.compile_products(entries + wrong, tmp_path, "sm_90a")
    assert [entry.get("error") for entry in index[:-1]] == [None] * len(kinds.KINDS)
    assert "tile" in index[-1]["error"]
    assert artifacts.find_products(entries, tmp_path) == index[:-1]
    assert all((tmp_path / entry["artifact"]).exists() for entry in entries)


def test_a_missing_artifact_names_the_command(tmp_path):
    with pytest.raises(require.Refusal, match="benchmarks/build.py --out"):
        artifacts.find_products([], tmp_path)
    (tmp_path / "index.json").write_text("[]")
    with pytest.raises(require.Refusal, match="lacks 1 of 1 artifacts, bf16_1x2x3.ptx first"):
        artifacts.find_products(artifacts.entries_of(["bf16"], [(1, 2, 3)]), tmp_path)


def test_a_folder_for_another_target_is_refused(tmp_path):
    arguments = command.parse(["--shape", "1x2x3", "--artifacts", str(tmp_path), "--target", "sm_80"])
    (tmp_path / "index.json").write_text(json.dumps([{"artifact": "bf16_1x2x3.ptx", "target": "sm_90a"}]))
    with pytest.raises(require.Refusal, match="is for sm_90a, the run for sm_80"):
        command.obtain(command.plan(arguments), arguments)


def test_quantisation_compiles(tmp_path):
    build.main(["--out", str(tmp_path), "--quantize", "--activations", "16x256"])
    assert [entry["scaling"] for entry in artifacts.read_index(tmp_path)] == ["row", "group = 128", "row"]


# Statistics.


def test_quantiles_are_linear_between_neighbours():
    assert summary.quantile([4, 1, 3, 2], 0.5) == 2.5
    assert summary.quantile([10, 20], 0.1) == pytest.approx(11)
    assert summary.quantile([7], 0.9) == 7
    with pytest.raises(ValueError):
        summary.quantile([], 0.5)


def test_a_ratio_above_1_says_that_ours_is_faster():
    found = summary.compare([10, 10, 20], [20, 30, 20])
    assert found["ratio"] == 2  # of the medians 20 and 10
    assert found["ratio_p10"] == pytest.approx(1.2) and found["ratio_p90"] == pytest.approx(2.8)  # of the turns 2, 3, 1
    with pytest.raises(ValueError):
        summary.compare([1, 2], [1])


def test_geometric_mean():
    assert summary.geometric_mean([2, 8]) == pytest.approx(4)
    assert summary.geometric_mean(iter([0.5])) == pytest.approx(0.5)


def test_the_fastest_candidates_are_those_of_the_smallest_medians():
    assert choose.fastest({"a": [1, 9, 9], "b": [5, 5, 5], "c": [2, 2, 80]}, 2) == ["c", "b"]


# The JSON file.


def test_a_run_goes_on_where_it_was(tmp_path):
    path, cases = tmp_path / "a.json", command.plan(command.parse(["--shape", "1x1x1,2x2x2,3x3x3", "--peer", "cublaslt"]))
    known = {entry["artifact"]: entry for case in cases for entry in case[3]}
    for name in known:
        (tmp_path / name).write_text(name)
    seen = []

    def measure(suite, kind, shape, ours, peers, own, say):
        seen.append(shape)
        if shape == (2, 2, 2) and len(seen) == 2:
            raise RuntimeError("no luck")
        return [row(shape=shape, suite=suite, artifact=artifacts.digest(ours[""]))]

    def go():
        return session.measure_all(cases, tmp_path, known, results.start(path, SETTINGS, False), path, measure)

    assert go() == ["bf16 2 x 2 x 2: RuntimeError: no luck"]
    assert seen == [(1, 1, 1), (2, 2, 2), (3, 3, 3)]
    assert go() == [] and seen[3:] == [(2, 2, 2)]
    (tmp_path / "bf16_3x3x3.ptx").write_text("of another compiler")
    assert go() == [] and seen[4:] == [(3, 3, 3)]
    assert sorted(r["shape"] for r in results.load(path)["rows"]) == [[1, 1, 1], [2, 2, 2], [3, 3, 3]]


def test_an_interrupted_run_keeps_its_rows_and_says_how_to_go_on(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    results.save(path, {"settings": SETTINGS, "rows": [row()]})

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(require, "torch_with_gpu", lambda target: Hopper)
    monkeypatch.setattr(require, "peers", lambda names: None)
    monkeypatch.setattr(command, "obtain", lambda cases, arguments: (tmp_path, {}))
    monkeypatch.setattr(command, "versions", lambda torch, peers: {})
    monkeypatch.setattr(command, "measurer", lambda settings: interrupted)
    monkeypatch.setattr(command, "measure_all", interrupted)
    with pytest.raises(require.Refusal, match="start it again with the same words"):
        command.main(["--shape", "1x1x1", "--out", str(path), "--no-plot"])
    assert (tmp_path / "a.md").exists() and results.load(path)["rows"] == [row()]


def test_what_does_not_compile_is_a_failure_and_not_measured(tmp_path):
    cases = command.plan(command.parse(["--shape", "1x1x1"]))
    known = {"bf16_1x1x1.ptx": {"artifact": "bf16_1x1x1.ptx", "error": "no such tile"}}
    failed = session.measure_all(cases, tmp_path, known, results.start(tmp_path / "a.json", SETTINGS, False), tmp_path / "a.json", None)
    assert failed == ["bf16 1 x 1 x 1 does not compile: no such tile"]


def test_a_file_of_other_settings_is_not_continued(tmp_path):
    path = tmp_path / "a.json"
    results.save(path, {"settings": SETTINGS, "rows": [row()]})
    assert results.start(path, dict(SETTINGS), False)["rows"]
    more = results.start(path, {**SETTINGS, "versions": {"torch": "2.11.0", "triton": "3.6.0"}}, False)
    assert more["settings"]["versions"] == {"torch": "2.11.0", "cublaslt": "130100", "triton": "3.6.0"}
    with pytest.raises(require.Refusal, match="torch = 2.11.0, this run has 3"):
        results.start(path, {**SETTINGS, "versions": {"torch": "3"}}, False)
    with pytest.raises(require.Refusal, match="preheat = 20.0, this run has 1; name another file with --out"):
        results.start(path, {**SETTINGS, "preheat": 1}, False)
    assert results.start(path, {**SETTINGS, "preheat": 1}, True)["rows"] == []


@pytest.mark.parametrize("text, why", [("{", "is not JSON"), ("[]", "is not a file of benchmarks/run.py")])
def test_a_file_that_is_none_of_ours_is_refused(tmp_path, text, why):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(require.Refusal, match=why):
        results.load(tmp_path / "a.json")


def test_a_new_peer_of_a_measured_shape_is_measured():
    document = {"settings": SETTINGS, "rows": [row()]}
    assert results.is_done(document, "bf16", (4096, 4096, 4096), {"": "0" * 16}, ["cublaslt"])
    assert not results.is_done(document, "bf16", (4096, 4096, 4096), {"": "0" * 16}, ["cublaslt", "triton"])


def test_rows_beyond_a_bound_are_wrong():
    good, ours, theirs, none = row(), row(error={"ours": 1.5, "peer": 0}), row(error={"ours": 0, "peer": 1e30}), row(error={"ours": float("nan")})
    assert results.wrong([good, ours, theirs, none]) == [ours, theirs, none]


# The table and the plot.


def test_the_table_holds_every_row_and_the_means():
    rows = [row(ratio=0.5), row(shape=(8192, 8192, 8192), ratio=2.0), row(peer="triton", ratio=1.5), refused(shape=(1, 1, 1)),
            row(kind="int8-row", ratio=1.1), row(schedule="tile = [64, 64, 64]", ratio=3.0, error={"ours": 1.5, "peer": 0.1})]  # fmt: skip
    text = tables.markdown({"settings": SETTINGS, "rows": rows}, "the title", "plot.png")
    lines = text.splitlines()
    assert lines[0] == "# the title" and "![roofline and ratio by shape](plot.png)" in lines
    assert "| prefill | bf16 | cuBLASLt | 2 | 1.000 | 0.500 (4096 x 4096 x 4096) | 1.000 |" in lines
    assert "| prefill | bf16 | Triton | 1 | 1.500 | 1.500 (4096 x 4096 x 4096) | 1.500 |" in lines
    assert any(line.startswith("| bf16 | 4096 x 4096 x 4096 | 200.00 (200.00 to 200.00) | 687.2 | cuBLASLt | 100.00") for line in lines)
    assert any("cuBLASLt int8 |" in line for line in lines)  # another kind than ours is named
    assert any("bf16 <tile = [64, 64, 64]>" in line and "| wrong | 0.1 |" in line for line in lines)
    assert "- cuBLASLt, bf16, 1 x 1 x 1: proposes no algorithm" in lines
    assert len([line for line in lines if line.endswith("| 2026-11-23 |")]) == len(rows)


def test_table_and_plot_are_written_beside_the_json(tmp_path, capsys):
    path = tmp_path / "a.json"
    rows = [row(), row(peer="triton", ratio=0.9), refused(shape=(1, 1, 1)), row(kind="f32"), row(kind="int8", error={"ours": 0, "peer": 0})]
    results.save(path, {"settings": SETTINGS, "rows": rows})
    command.main(["--draw", str(path)])
    assert capsys.readouterr().out.split() == [str(tmp_path / "a.md"), str(tmp_path / "a.png")]
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert "](a.png)" in (tmp_path / "a.md").read_text()


def test_a_file_without_rows_is_no_report(tmp_path):
    results.save(tmp_path / "a.json", {"settings": SETTINGS, "rows": []})
    with pytest.raises(require.Refusal, match="has no rows yet"):
        command.main(["--draw", str(tmp_path / "a.json"), "--no-plot"])


def test_the_roof_is_that_of_the_card_and_the_type():
    assert plots.peak("NVIDIA H200", "bf16") == (989.4, 4.8)
    assert plots.peak("NVIDIA H100 80GB HBM3", "e4m3-row") == (1978.9, 3.35)
    assert plots.peak("NVIDIA A100-SXM4-80GB", "e4m3") is None and plots.peak("another card", "bf16") is None


# What is missing is said.


def test_a_missing_module_says_what_to_do():
    with pytest.raises(require.Refusal, match=r"no_such_module is missing \(.*\): it draws; install it"):
        require.module("no_such_module", "it draws", "install it")


class NoGpu:
    __version__ = "1"

    class cuda:
        is_available = staticmethod(lambda: False)


class Hopper:
    class cuda:
        is_available = staticmethod(lambda: True)
        get_device_capability = staticmethod(lambda: (9, 0))
        get_device_name = staticmethod(lambda: "NVIDIA H200")


def test_a_machine_without_gpu_is_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", NoGpu)
    with pytest.raises(require.Refusal, match="torch 1 sees no CUDA GPU"):
        require.torch_with_gpu("sm_90a")


@pytest.mark.parametrize("target, runs", [("sm_90a", True), ("sm_80", True), ("sm_100a", False), ("sm_120a", False), ("sm_89", True)])
def test_the_card_has_to_run_the_target(monkeypatch, target, runs):
    monkeypatch.setitem(sys.modules, "torch", Hopper)
    if runs:
        assert require.torch_with_gpu(target) is Hopper
    else:
        with pytest.raises(require.Refusal, match=f"NVIDIA H200 is sm_90, it does not run code for {target}"):
            require.torch_with_gpu(target)


def test_the_command_without_torch_ends_with_a_message(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('not on this machine')")
    done = subprocess.run([sys.executable, BENCHMARKS / "run.py", "--shape", "1x1x1"], env={"PYTHONPATH": str(tmp_path)}, text=True,
                          capture_output=True)  # fmt: skip
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert done.stderr.startswith("torch is missing (not on this machine): the benchmarks hold their tensors in it; install PyTorch")
