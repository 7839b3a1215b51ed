"""The table: for each quantity and workload one line, for each runner one column."""

import statistics
from collections.abc import Callable, Iterator, Sequence

from .runners import Figures, Runner

MEGABYTE = 1e6

# By workload and name of the runner; one entry a round.
Results = dict[str, dict[str, list[Figures]]]
Cell = float | None


def working_set(figures: Figures) -> float:
    """Memory that the workload took, without interpreter and library."""
    return (figures["peak_bytes"] - figures["base_bytes"]) / MEGABYTE


# What is shown, how it is read off a runner's figures, and whose best counts in the ratio
# (None: no ratio, since next to no page faults are nothing to divide by).
QUANTITIES = [
    ("training step, ms", lambda it: it["train_ms"], ""),
    ("inference of one, µs", lambda it: it["infer_us"], ""),
    ("peak memory, MB", lambda it: it["peak_bytes"] / MEGABYTE, "pytorch"),
    ("working set, MB", working_set, "pytorch"),
    ("page faults per step", lambda it: it["faults_per_step"], None),
]


def number(value: Cell) -> str:
    """Three figures that matter, without an exponent."""
    if value is None:
        return "–"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"


def median(rounds: Sequence[Figures], read: Callable[[Figures], float]) -> Cell:
    """The median over the rounds; None for a runner that lacks the row."""
    return statistics.median(map(read, rounds)) if rounds else None


def lines(header: list[str], body: list[list[str]]) -> Iterator[str]:
    """Markdown, with the columns lined up for reading as plain text."""
    cells = [header, *body]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    rule = ["-" * widths[0]] + ["-" * (width - 1) + ":" for width in widths[1:]]
    for row in [header, rule, *body]:
        padded = [row[0].ljust(widths[0])]
        padded += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "| " + " | ".join(padded) + " |"


def ratio(runners: Sequence[Runner], values: Sequence[Cell], whose: str | None) -> str:
    """The best value of the others whose name begins so, over ours."""
    others = zip(runners[1:], values[1:], strict=True)
    rivals = [v for it, v in others if v is not None and it.name.startswith(whose or "")]
    return f"{min(rivals) / values[0]:.2f}" if whose is not None and values[0] and rivals else "–"


def compare(runners: Sequence[Runner], workloads: Sequence[str], results: Results) -> str:
    """`results[workload][runner]` is the list of figures, one a round. The first runner is
    ours; the ratio says how many times as much the best of the others takes."""
    body = []
    for title, read, whose in QUANTITIES:
        for workload in workloads:
            values = [median(results[workload][it.name], read) for it in runners]
            cells = [*map(number, values), ratio(runners, values, whose)]
            body.append([f"{title}: {workload}", *cells])
    header = ["", *(it.name for it in runners), "best peer / gradus"]
    return "\n".join(lines(header, body))
