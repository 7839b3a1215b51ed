"""How time and memory of a training step grow with the batch, for one and more threads."""

import statistics
import sys
from collections.abc import Iterator, Sequence

from . import table
from .machine import ROOT, thread_counts
from .options import Options
from .picture import Chart, Line, draw
from .runners import Runner

BATCHES = [1, 8, 64, 512]
PICTURE = ROOT / "benches/growth.svg"

Column = tuple[Runner, int]  # a runner and its number of threads
Cell = tuple[float, float] | None  # milliseconds and megabytes, where there are any
Cells = dict[tuple[Runner, int, int], Cell]  # for each runner, threads, batch


def run(everyone: Sequence[Runner], chosen: Options) -> str:
    """The table, as text; the picture goes to `benches/growth.svg`."""
    columns = [(runner, count) for count in thread_counts() for runner in everyone]
    body, charts = [], list[Chart]()
    for workload in chosen.only:
        print(f"growth of {workload}", file=sys.stderr)
        cells = {key: measure(*key, workload, chosen) for key in steps(columns)}
        for batch in BATCHES:
            row = [f"{workload}, batch {batch}"]
            for column in columns:
                row += map(table.number, cells[*column, batch] or (None, None))
            body.append(row)
        charts += chart(workload, columns, cells)
    PICTURE.write_text(draw(charts, columns=2))
    titles = [f"{runner.name} {count}t" for runner, count in columns]
    header = ["training", *(f"{title}, {unit}" for title in titles for unit in ("ms", "MB"))]
    note = "Memory is the working set. ![Time and memory against the batch](growth.svg)"
    return "\n".join(table.lines(header, body)) + "\n\n" + note


def steps(columns: Sequence[Column]) -> list[tuple[Runner, int, int]]:
    """All that is measured, with the runners in turn at every size."""
    return [(*column, batch) for batch in BATCHES for column in columns]


def measure(runner: Runner, count: int, batch: int, workload: str, chosen: Options) -> Cell:
    """Medians over the rounds of (milliseconds, megabytes); None where the runner lacks the row."""
    if workload in runner.lacks:
        return None
    found = [
        runner.measure(workload, count, chosen.seconds, mode="train", batch=batch)
        for _ in range(chosen.rounds)
    ]
    found = [it for it in found if it]
    if not found:
        # A row that fails at the first size is not there; larger ones may just not fit.
        if batch == BATCHES[0]:
            runner.lacks[workload] = "no figures at batch 1"
        return None
    times = statistics.median(it["train_ms"] for it in found)
    return times, statistics.median(map(table.working_set, found))


def chart(workload: str, columns: Sequence[Column], cells: Cells) -> Iterator[Chart]:
    """Two charts: time beside memory."""
    for index, title in enumerate(["ms per step", "MB"]):
        lines = []
        for runner, count in columns:
            points = [(b, cells[runner, count, b]) for b in BATCHES]
            points = [(b, cell[index]) for b, cell in points if cell]
            lines.append(Line(f"{runner.name}, {count} thread(s)", points))
        yield Chart(f"{workload}: {title}", lines)
