"""The programs that are compared: how to build them, how to start them, what they answer."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .machine import ROOT, processors

HERE = ROOT / "benches/peers"
LIMIT = 300  # seconds for one process


@dataclass(eq=False)
class Runner:
    """One column of the table. `lacks` holds, per workload, why it gives no figures."""

    name: str
    command: list
    version: str = "?"
    lacks: dict = field(default_factory=dict)

    def measure(self, workload, threads, seconds, mode="both", batch=None):
        """Runs one process and gives its figures; None, with a word on why, where there are none."""
        if workload in self.lacks:
            return None
        command = [*self.command, "--workload", workload, "--threads", threads]
        command += ["--seconds", seconds, "--mode", mode] + (["--batch", batch] if batch else [])
        try:
            done = subprocess.run(
                [str(word) for word in command], capture_output=True, text=True, timeout=LIMIT,
                env=environment(threads), preexec_fn=lambda: pin(threads),
            )  # fmt: skip
            if done.returncode == 0:
                figures = json.loads(done.stdout.splitlines()[-1])
                self.version = figures["version"]
                return figures
            problem = reason(done.stderr)
        except subprocess.TimeoutExpired:
            problem = f"not done after {LIMIT} s"
        if batch is None:
            self.lacks[workload] = problem
        print(f"{self.name} lacks {workload}: {problem}", file=sys.stderr)
        return None


def environment(threads):
    """The variables by which each library may learn how many threads to use."""
    names = ["OMP", "MKL", "OPENBLAS", "RAYON"]
    counts = {f"{name}_NUM_THREADS": str(threads) for name in names}
    return os.environ | counts | {"GRADUS_THREADS": str(threads), "JAX_PLATFORMS": "cpu"}


def pin(threads):
    """Leaves this process as many processors as it has threads (JAX has no other setting)."""
    os.sched_setaffinity(0, processors()[:threads])


def reason(stderr):
    """The line of an error output that says most."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    marked = [line for line in lines if "error" in line.lower()]
    return (marked or lines or ["it failed without a word"])[0 if marked[:1] == lines[:1] else -1]


def build(manifest, *what):
    """A release build; gives the folder of the programs."""
    command = ["cargo", "build", "--release", "--manifest-path", str(manifest), *what]
    messages = ["--message-format=json-render-diagnostics"]
    done = subprocess.run(command + messages, stdout=subprocess.PIPE, text=True, check=True)
    answers = map(json.loads, done.stdout.splitlines())
    programs = [Path(it["executable"]) for it in answers if it.get("executable")]
    return {program.stem: program for program in programs}


def ours():
    programs = build(ROOT / "Cargo.toml", "-p", "gradus-benches", "--bin", "workloads")
    return Runner("gradus", [programs["workloads"]])


def pytorch(setting):
    script = HERE / "runners/pytorch.py"
    return Runner(f"pytorch {setting}", [sys.executable, script, "--setting", setting])


def peers(with_rust):
    """All others, in the order of the columns."""
    runners = [pytorch(setting) for setting in ("written", "best", "compiled")]
    runners.append(Runner("jax", [sys.executable, HERE / "runners/jax_cpu.py"]))
    if with_rust:
        programs = build(HERE / "rust/Cargo.toml", "--locked")
        runners += [Runner(name, [programs[f"peer-{name}"]]) for name in ("burn", "candle")]
    return runners
