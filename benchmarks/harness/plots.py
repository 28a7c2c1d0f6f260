"""The plot of a run: for each type a roofline with every side's points, and the ratio of times by shape. Needs matplotlib."""

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

from .kinds import KINDS, bytes_moved, operations  # noqa: E402
from .tables import peer_text, type_text  # noqa: E402

# Dense, by the vendor's datasheets: TFLOP/s by element type, and TB/s. The first name that a device's name contains counts.
_HOPPER = {"bf16": 989.4, "f16": 989.4, "f32": 494.7, "f8E4M3FN": 1978.9, "i8": 1978.9}
_AMPERE = {"bf16": 311.9, "f16": 311.9, "f32": 155.9, "i8": 623.7}
PEAKS = {"H200": (_HOPPER, 4.8), "H100 80GB HBM3": (_HOPPER, 3.35), "A100-SXM4-80GB": (_AMPERE, 2.039)}
COLORS = {"ours": "#c1272d", "cublaslt": "#2f6db5", "triton": "#e0a100", "torch": "#3c8f52", "own": "#777777"}


def peak(device: str, kind: str):
    """(TFLOP/s, TB/s) by the datasheet, or None where the device or the type is not listed."""
    for name, (rates, bandwidth) in PEAKS.items():
        if name in device and KINDS[kind].element in rates and kind != "f32":
            return rates[KINDS[kind].element], bandwidth
    return None


def draw_roofline(axes, device: str, kind: str, rows: list) -> None:
    intensity = [operations(row["shape"]) / bytes_moved(kind, row["shape"]) for row in rows]
    limits = peak(device, kind)
    if limits:
        rate, bandwidth = limits
        low, high = min(intensity) / 2, max(*intensity, 2 * rate / bandwidth) * 2
        corner = rate / bandwidth
        axes.plot([low, corner, high], [low * bandwidth, rate, rate], color="black", linewidth=1, label="datasheet")
    seen = set()
    for row, x in zip(rows, intensity):
        for name in ("ours", "peer"):
            key = "ours" if name == "ours" else row["peer"]
            if name in row["sustained"]:
                label = None if key in seen else "mpgemm" if key == "ours" else peer_text(row)
                axes.plot(x, row["sustained"][name]["tflops"], "o" if key == "ours" else "x", color=COLORS[key], markersize=4, label=label)
                seen.add(key)
    axes.set(xscale="log", yscale="log", xlabel="operations / byte", ylabel="TFLOP/s", title=f"{kind}: roofline")
    axes.legend(fontsize=6)


def draw_ratios(axes, kind: str, rows: list) -> None:
    labels = list(dict.fromkeys(("x".join(map(str, row["shape"])), type_text(row)) for row in rows))
    peers = list(dict.fromkeys((row["peer"], peer_text(row)) for row in rows))
    height = 0.8 / len(peers)
    for at, (peer, title) in enumerate(peers):
        bars = [(labels.index(("x".join(map(str, row["shape"])), type_text(row))), row["sustained"]) for row in rows
                if row["peer"] == peer and "ratio" in row["sustained"]]  # fmt: skip
        if not bars:
            continue
        errors = [[max(0.0, s["ratio"] - s["ratio_p10"]) for _, s in bars], [max(0.0, s["ratio_p90"] - s["ratio"]) for _, s in bars]]
        axes.barh([y + (at + 0.5) * height - 0.4 for y, _ in bars], [s["ratio"] for _, s in bars], height, xerr=errors,
                  error_kw={"linewidth": 0.6}, color=COLORS[peer], label=title)  # fmt: skip
    several = len({kind_text for _, kind_text in labels}) > 1
    axes.set_yticks(range(len(labels)), [f"{shape} {text}" if several else shape for shape, text in labels], fontsize=6)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.invert_yaxis()
    axes.set(xlabel="peer's time / ours (sustained)", title=f"{kind}: above 1 mpgemm is faster")
    axes.legend(fontsize=6)


def draw(document: dict, path) -> None:
    kinds = list(dict.fromkeys(row["type"] for row in document["rows"]))
    by_kind = {kind: [row for row in document["rows"] if row["type"] == kind] for kind in kinds}
    heights = [max(3.0, 0.6 + 0.28 * len({tuple(row["shape"]) for row in rows})) for rows in by_kind.values()]
    figure, axes = plt.subplots(len(kinds), 2, figsize=(11, sum(heights)), squeeze=False, height_ratios=heights, layout="constrained")
    figure.suptitle(document["settings"]["device"])
    for (left, right), (kind, rows) in zip(axes, by_kind.items()):
        draw_roofline(left, document["settings"]["device"], kind, rows)
        draw_ratios(right, kind, rows)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)
