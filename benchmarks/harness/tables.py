"""The Markdown of a run: settings, the means of each suite, then every row."""

from .summary import geometric_mean

PEER_TITLES = {"cublaslt": "cuBLASLt", "triton": "Triton", "torch": "torch", "own": "own"}


def shape_text(shape) -> str:
    return " x ".join(map(str, shape))


def peer_text(row: dict) -> str:
    """A peer that computes another kind than ours is named with it."""
    title = PEER_TITLES.get(row["peer"], row["peer"])
    return title if row["peer_type"] == row["type"] else f"{title} {row['peer_type']}"


def type_text(row: dict) -> str:
    return f"{row['type']} <{row['schedule']}>" if row["schedule"] else row["type"]


def rows_table(header: list, rows: list) -> list:
    return [f"| {' | '.join(header)} |", "|" + "---|" * len(header), *(f"| {' | '.join(row)} |" for row in rows)]


def share(value) -> str:
    """An error as a share of its bound."""
    return "wrong" if not value <= 1 else "0" if value == 0 else f"{value:.3g}"


def side(summary: dict) -> str:
    return f"{summary['us']:.2f} ({summary['p10']:.2f} to {summary['p90']:.2f})"


def groups(rows: list) -> dict:
    """(suite, type with schedule, peer) -> its rows that have a ratio, in the order of their first row."""
    found = {}
    for row in rows:
        if "ratio" in row["sustained"]:
            found.setdefault((row["suite"], type_text(row), peer_text(row)), []).append(row)
    return found


def means(rows: list) -> list:
    lines = []
    for (suite, kind, peer), members in groups(rows).items():
        ratios = [row["sustained"]["ratio"] for row in members]
        lowest = min(members, key=lambda row: row["sustained"]["ratio"])
        lines.append([suite, kind, peer, str(len(members)), f"{geometric_mean(ratios):.3f}",
                      f"{min(ratios):.3f} ({shape_text(lowest['shape'])})",
                      f"{geometric_mean(row['cool']['ratio'] for row in members):.3f}"])  # fmt: skip
    return rows_table(["suite", "type", "peer", "shapes", "geometric mean", "lowest", "geometric mean, cool"], lines)


def measured(rows: list) -> list:
    lines = []
    for row in rows:
        hot, cool = row["sustained"], row["cool"]
        line = [type_text(row), shape_text(row["shape"]), side(hot["ours"]), f"{hot['ours']['tflops']:.4g}", peer_text(row)]
        if "peer" in hot:
            line += [side(hot["peer"]), f"{hot['peer']['tflops']:.4g}",
                     f"{hot['ratio']:.3f} ({hot['ratio_p10']:.3f} to {hot['ratio_p90']:.3f})", f"{cool['ratio']:.3f}"]  # fmt: skip
        else:
            line += ["refused", "", "", ""]
        line += [share(row["error"]["ours"]), share(row["error"]["peer"]) if "peer" in row["error"] else "", row["date"]]
        lines.append(line)
    return rows_table(["type", "M x N x K", "mpgemm, us", "TFLOP/s", "peer", "us", "TFLOP/s", "ratio of times", "cool", "error / bound",
                       "of the peer", "date"], lines)  # fmt: skip


def refusals(rows: list) -> list:
    lines = [f"- {peer_text(row)}, {type_text(row)}, {shape_text(row['shape'])}: {row['refused']}" for row in rows if "refused" in row]
    return ["", "What a peer refused:", "", *lines] if lines else []


def markdown(document: dict, title: str, plot: str | None) -> str:
    settings, rows = document["settings"], document["rows"]
    versions = ", ".join(f"{name} {version}" for name, version in settings["versions"].items())
    lines = [
        f"# {title}",
        "",
        f"{settings['device']}; {versions}. All sides in one process on the same tensors, CUDA graphs of about {settings['graph_ms']:g} ms, buffers",
        "rotated beyond the L2 cache, results checked per element against float64. cuBLASLt: the fastest of up to "
        f"{settings['heuristics']} algorithms",
        "that its heuristics propose; Triton: the fastest of its configurations.",
        f"Sustained: {settings['preheat']:g} s of preheating for the run, {settings['rewarm']:g} s for each shape, then {settings['rounds']} turns of "
        "each side: median (10th to 90th percentile).",
        f"Cool: {settings['cool_rounds']} turns with {settings['cool_rest']:g} s of rest before each. A ratio above 1 says that mpgemm is faster.",
        "",
        *means(rows),
        "",
        *([f"![roofline and ratio by shape]({plot})", ""] if plot else []),
        *measured(rows),
        *refusals(rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
