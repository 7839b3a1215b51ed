"""The command line."""

import argparse
from pathlib import Path

ROWS = ["mlp1", "mlp2", "cnn", "resnet", "lstm", "gpt"]


def rows(text):
    """The workloads in a list with commas."""
    names = text.split(",")
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return names


def above_zero(text):
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def read():
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="benches/peers/run", description="Gradus beside its peers, on this machine."
    )
    add = parser.add_argument
    add("--rows", type=rows, default=ROWS, metavar="A,B", help=f"of {','.join(ROWS)}; default all")
    add("--rounds", type=above_zero, metavar="N", help="default 5; for --growth 1")
    add("--threads", type=above_zero, default=2, metavar="N", help="threads of every runner; default 2")
    add("--seconds", type=float, metavar="S",
        help="how long a process repeats its training step, and a third of it inference; "
             "default 1, for --growth 0.5")  # fmt: skip
    add("--rust-peers", action="store_true", help="burn and candle too; the first build is long")
    add("--growth", action="store_true",
        help="instead: time and memory of Gradus and PyTorch against batch size and threads")  # fmt: skip
    add("--record", metavar="WHAT", help="append the table to benches/RESULTS.md: what changed")
    add("--venv", type=Path, help="where Python's packages are; default ~/.cache/gradus-peers")
    chosen = parser.parse_args()
    chosen.rounds = chosen.rounds or (1 if chosen.growth else 5)
    chosen.seconds = chosen.seconds or (0.5 if chosen.growth else 1.0)
    return chosen
