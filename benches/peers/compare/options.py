"""The command line."""

import argparse
from dataclasses import dataclass

ROWS = ["mlp1", "mlp2", "cnn", "resnet", "lstm", "gpt"]


@dataclass
class Options:
    """What was asked for."""

    only: list[str]
    rounds: int
    seconds: float
    threads: int
    compiled: bool
    rust_peers: bool
    growth: bool
    products: bool
    record: str | None


def rows(text: str) -> list[str]:
    """The workloads in a list with commas."""
    names = text.split(",")
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise argparse.ArgumentTypeError(
            f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}"
        )
    return names


def count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def duration(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 60:
        raise argparse.ArgumentTypeError("must be above 0 and at most 60")
    return seconds


def read() -> Options:
    """The command line of this process."""
    parser = argparse.ArgumentParser(
        prog="benches/peers/run", description="Gradus beside its peers, on this machine."
    )
    add = parser.add_argument
    add("--only", type=rows, default=ROWS, metavar="A,B", help=f"of {','.join(ROWS)}; default all")
    add("--rounds", type=count, metavar="N", help="default 3; for --growth 1")
    add("--seconds", type=duration, metavar="S",
        help="how long a process repeats its training step, and a third of it inference; "
             "default 1.5, for --growth 0.5; with --products each product, 0.05")  # fmt: skip
    add("--threads", type=count, default=2, metavar="N", help="threads of every runner; default 2")
    add("--compiled", action="store_true", help="PyTorch under torch.compile too, which is slow")
    add("--rust-peers", action="store_true", help="burn and candle too; the first build is long")
    instead = parser.add_mutually_exclusive_group().add_argument
    instead("--growth", action="store_true",
        help="instead: Gradus and PyTorch against batch size and threads")  # fmt: skip
    instead("--products", action="store_true",
        help="instead: Gradus and PyTorch on the matrix products of the networks")  # fmt: skip
    add("--record", metavar="WHAT", help="append the table to benches/RESULTS.md: what changed")
    add("--venv", metavar="PATH", help="of Python's packages; or set GRADUS_PEERS_VENV")
    chosen = vars(parser.parse_args())
    del chosen["venv"]  # read by `run`
    chosen["rounds"] = chosen["rounds"] or (1 if chosen["growth"] else 3)
    usual = 0.5 if chosen["growth"] else 0.05 if chosen["products"] else 1.5
    chosen["seconds"] = chosen["seconds"] or usual
    return Options(**chosen)
