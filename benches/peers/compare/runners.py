"""The programs that are compared: how to build them, how to start them, what they answer."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .machine import ROOT, processors

HERE = ROOT / "benches/peers"
LIMIT = 300  # seconds for one process

Figures = dict[str, Any]  # what a runner prints: the fields of one line of JSON


class Failure(Exception):
    """Why a runner gives no figures."""


@dataclass(eq=False)
class Runner:
    """One column of the table. `lacks` holds, per workload, why it gives no figures."""

    name: str
    command: Sequence[str | Path]
    version: str = "?"
    lacks: dict[str, str] = field(default_factory=dict)

    def measure(
        self,
        workload: str,
        threads: int,
        seconds: float,
        mode: str = "both",
        batch: int | None = None,
    ) -> Figures | None:
        """Runs one process and gives its figures; None, with a word on why, if it fails."""
        if workload in self.lacks:
            return None
        words = ["--workload", workload, "--seconds", seconds, "--mode", mode]
        try:
            return self.start([*words, *(["--batch", batch] if batch else [])], threads)
        except Failure as problem:
            if batch is None:
                self.lacks[workload] = str(problem)
            print(f"{self.name} lacks {workload}: {problem}", file=sys.stderr)
            return None

    def start(self, words: Sequence[object], threads: int) -> Figures:
        """Runs one process with these arguments and gives its figures."""
        command = [*self.command, "--threads", threads, *words]
        try:
            done = subprocess.run(
                [str(word) for word in command], capture_output=True, text=True, timeout=LIMIT,
                env=environment(threads), preexec_fn=lambda: pin(threads),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Failure(f"not done after {LIMIT} s") from None
        if done.returncode != 0:
            raise Failure(reason(done.stderr))
        figures = json.loads(done.stdout.splitlines()[-1])
        self.version = figures["version"]
        return figures


def environment(threads: int) -> dict[str, str]:
    """The variables by which each library may learn how many threads to use."""
    names = ["OMP", "MKL", "OPENBLAS", "RAYON"]
    counts = {f"{name}_NUM_THREADS": str(threads) for name in names}
    return os.environ | counts | {"GRADUS_THREADS": str(threads), "JAX_PLATFORMS": "cpu"}


def pin(threads: int) -> None:
    """Leaves this process as many processors as it has threads (JAX has no other setting)."""
    os.sched_setaffinity(0, processors()[:threads])


def reason(stderr: str) -> str:
    """The line of an error output that says most."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else "it failed without a word"  # where Python names its exception
    return next((line for line in lines if line.startswith("error:")), last)


def build(manifest: Path, *what: str) -> dict[str, Path]:
    """A release build; gives the programs by name."""
    command = ["cargo", "build", "--release", "--manifest-path", str(manifest), *what]
    messages = ["--message-format=json-render-diagnostics"]
    done = subprocess.run(command + messages, stdout=subprocess.PIPE, text=True, check=True)
    answers = map(json.loads, done.stdout.splitlines())
    programs = [Path(it["executable"]) for it in answers if it.get("executable")]
    return {program.stem: program for program in programs}


def ours(program: str = "workloads") -> Runner:
    programs = build(ROOT / "Cargo.toml", "-p", "gradus-benches", "--bin", program)
    return Runner("gradus", [programs[program]])


def pytorch(setting: str) -> Runner:
    script = HERE / "runners/pytorch.py"
    return Runner(f"pytorch {setting}", [sys.executable, script, "--setting", setting])


def multipliers() -> list[Runner]:
    """Those that multiply matrices and do nothing else."""
    script = HERE / "runners/pytorch_products.py"
    return [ours("products"), Runner("pytorch", [sys.executable, script])]


def rust_peers() -> list[Runner]:
    """burn and candle; none, with a word on it, where they cannot be built."""
    try:
        programs = build(HERE / "rust/Cargo.toml", "--locked")
    except subprocess.CalledProcessError:
        print("burn and candle do not build: the rest goes on without them", file=sys.stderr)
        return []
    return [Runner(name, [programs[f"peer-{name}"]]) for name in ("burn", "candle")]


def peers(with_compiled: bool, with_rust: bool) -> list[Runner]:
    """All others, in the order of the columns."""
    settings = ["written", "best"] + ["compiled"] * with_compiled
    runners = [pytorch(setting) for setting in settings]
    runners.append(Runner("jax", [sys.executable, HERE / "runners/jax_cpu.py"]))
    if with_rust:
        runners += rust_peers()
    return runners
