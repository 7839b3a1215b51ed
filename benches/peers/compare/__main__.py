"""The command: builds, measures in turn, prints, records."""

import sys
from collections.abc import Sequence

from . import growth, machine, options, products, record, runners, table
from .options import Options
from .runners import Runner


def measure(everyone: Sequence[Runner], chosen: Options) -> table.Results:
    """In every round one process of every runner: A, B, …, A, B, …, so that a change of the
    machine's speed meets all of them."""
    results: table.Results = {}
    for workload in chosen.only:
        results[workload] = {runner.name: [] for runner in everyone}
        for turn in range(chosen.rounds):
            print(f"{workload}: round {turn + 1} of {chosen.rounds}", file=sys.stderr)
            for runner in everyone:
                figures = runner.measure(workload, chosen.threads, chosen.seconds)
                if figures:
                    results[workload][runner.name].append(figures)
    return results


def absent(everyone: Sequence[Runner]) -> list[str]:
    """A sentence for each cell that has no figure."""
    return [f"* {it.name} has no {row}: {why}" for it in everyone for row, why in it.lacks.items()]


def main() -> None:
    chosen = options.read()
    if chosen.threads > len(machine.processors()):
        sys.exit(f"--threads {chosen.threads}: there are {len(machine.processors())} processors")
    if chosen.products:
        everyone = runners.multipliers()
        text = products.run(everyone, chosen)
    elif chosen.growth:
        everyone = [runners.ours(), runners.pytorch("best")]
        text = growth.run(everyone, chosen)
    else:
        everyone = [runners.ours(), *runners.peers(chosen.compiled, chosen.rust_peers)]
        text = table.compare(everyone, chosen.only, measure(everyone, chosen))
        text = f"{chosen.threads} thread(s):\n\n{text}"
    parts = [record.headline(everyone, chosen), text, "\n".join(absent(everyone))]
    text = "\n\n".join(part for part in parts if part)
    print(text)
    if chosen.record:
        record.append(chosen.record, text)


if __name__ == "__main__":
    main()
