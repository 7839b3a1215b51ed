"""Times products of matrices in PyTorch, with the arguments and the line of JSON of
`benches/products.rs`."""

import argparse
import json
import statistics
from collections.abc import Callable

import torch
from torch import Tensor

import timing


def side(count: int, rows: int, columns: int, form: str) -> Tensor:
    """A side of a product, which lies in memory transposed if its form is `t`."""
    shape = (columns, rows) if form == "t" else (rows, columns)
    matrices = torch.randn(*([count] if count > 1 else []), *shape)
    return matrices.mT if form == "t" else matrices


def step_of(product: str) -> tuple[Callable[[], None], int]:
    """The step that is timed, and how many calls are in it."""
    count, m, k, n, form, calls = product.split(",")
    count, m, k, n, calls = map(int, (count, m, k, n, calls))
    a, b = side(count, m, k, form[0]), side(count, k, n, form[1])
    multiply = torch.bmm if count > 1 else torch.mm
    out = multiply(a, b)

    def step() -> None:
        for _ in range(calls):
            multiply(a, b, out=out)

    return step, calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=0.1, help="how long to repeat a product")
    parser.add_argument("products", nargs="+", metavar="COUNT,M,K,N,FORM,CALLS")
    chosen = parser.parse_args()
    torch.set_num_threads(chosen.threads)
    torch.manual_seed(0)
    seconds = []
    with torch.inference_mode():
        for step, calls in map(step_of, chosen.products):
            times, _ = timing.repeat(step, chosen.seconds)
            seconds.append(statistics.median(times) / calls)
    line = {"runner": "pytorch", "version": torch.__version__.split("+")[0]}
    print(json.dumps(line | {"threads": chosen.threads, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    main()
