"""The table of products of matrices: billions of operations a second, a multiplication and an
addition being two."""

import statistics
import sys
from collections.abc import Sequence

from . import sizes, table
from .machine import thread_counts
from .options import Options
from .runners import Failure, Runner
from .sizes import Product

# For each runner and number of threads: a list of times in seconds, one for each product, a round.
Times = dict[tuple[Runner, int], list[list[float]]]


def run(everyone: Sequence[Runner], chosen: Options) -> str:
    """The table, as text; the first runner is ours."""
    products = sizes.all_of(chosen.only)
    times = measure(everyone, list(products), chosen)
    header = ["where", "size", "form"]
    for threads in thread_counts():
        header += [f"{runner.name} {threads}t" for runner in everyone] + [f"ratio {threads}t"]
    body = []
    for i, (product, where) in enumerate(products.items()):
        row = [where, product.size(), sizes.FORMS[product.form]]
        for threads in thread_counts():
            rates = [rate(product, i, times[runner, threads]) for runner in everyone]
            row += [*map(table.number, rates), ratio(rates)]
        body.append(row)
    note = "Products in GFLOP/s; the ratio is ours over PyTorch's, so above 1 is our lead."
    return note + "\n\n" + "\n".join(table.lines(header, body))


def measure(everyone: Sequence[Runner], products: Sequence[Product], chosen: Options) -> Times:
    """In every round one process of every runner, for each number of threads."""
    words = ["--seconds", chosen.seconds, *(product.argument() for product in products)]
    times: Times = {(runner, count): [] for count in thread_counts() for runner in everyone}
    for turn in range(chosen.rounds):
        print(f"products: round {turn + 1} of {chosen.rounds}", file=sys.stderr)
        for (runner, threads), rounds in times.items():
            try:
                rounds.append(runner.start(words, threads)["seconds"])
            except Failure as problem:
                runner.lacks["products"] = str(problem)
    return times


def rate(product: Product, i: int, rounds: Sequence[Sequence[float]]) -> table.Cell:
    """GFLOP/s of the product in place `i`, by the median over the rounds."""
    if not rounds:
        return None
    return 2 * product.work() / statistics.median(times[i] for times in rounds) / 1e9


def ratio(rates: Sequence[table.Cell]) -> str:
    ours, theirs = rates
    return f"{ours / theirs:.2f}" if ours and theirs else "–"
