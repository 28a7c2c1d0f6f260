"""Writes the Markdown table and the plot of a run beside its JSON file; needs no GPU."""

from pathlib import Path

from . import require, results, tables


def write(document: dict, path: Path, plot: bool) -> list:
    """Returns the paths of what was written."""
    written = [path.with_suffix(".md")]
    if plot:
        from . import plots

        written.append(path.with_suffix(".png"))
        plots.draw(document, written[-1])
    written[0].write_text(tables.markdown(document, path.stem, written[-1].name if plot else None))
    return written


def redraw(path: Path, plot: bool) -> list:
    if plot:
        require.plotting()
    document = results.load(path)
    if not document["rows"]:
        raise require.Refusal(f"{path} has no rows yet; benchmarks/run.py with the words of its run continues it")
    return write(document, path, plot)
