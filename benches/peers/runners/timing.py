"""What every Python runner shares: its options, the clock, and what the system says of memory.

A runner times one workload in its own process and prints one line of JSON, with the same options
and fields as `benches/workloads` has for Gradus.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Sequence

WORKLOADS = ["mlp1", "mlp2", "cnn", "resnet", "lstm", "gpt"]
WARM_UP = 3


def options(description: str, settings: Sequence[str] = ("default",)) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--workload", choices=WORKLOADS, required=True)
    parser.add_argument("--setting", choices=settings, default=settings[0])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3.0, help="how long to repeat a step")
    parser.add_argument("--batch", type=int, help="samples in a batch")
    parser.add_argument("--mode", choices=["train", "infer", "both"], default="both")
    chosen = parser.parse_args()
    chosen.batch = chosen.batch or (32 if chosen.workload in ("lstm", "gpt") else 64)
    return chosen


def measure(
    chosen: argparse.Namespace,
    runner: str,
    version: str,
    train_step: Callable[[], None],
    infer_step: Callable[[], None],
    end_training: Callable[[], float | None],
    base_bytes: int,
) -> None:
    """Times both steps and prints the line.

    `train_step` and `infer_step` return when their work is done; `end_training` makes ready for
    inference and gives the last loss; `base_bytes` is what the process had before the workload
    was built.
    """
    line = {"runner": runner, "version": version, "workload": chosen.workload}
    line |= {"threads": chosen.threads, "batch": chosen.batch}
    if chosen.mode != "infer":
        times, faults = repeat(train_step, chosen.seconds)
        line["train_ms"] = statistics.median(times) * 1e3
        line["train_ms_min"] = min(times) * 1e3
        line["steps"] = len(times)
        line["faults_per_step"] = faults
    line["loss"] = end_training()
    if chosen.mode != "train":
        times, _ = repeat(infer_step, chosen.seconds / 3)
        line["infer_us"] = statistics.median(times) * 1e6
    line |= {"base_bytes": base_bytes, "peak_bytes": memory("VmHWM")}
    print(json.dumps(line), flush=True)


def repeat(step: Callable[[], None], seconds: float) -> tuple[list[float], float]:
    """The times of the repeated step, in seconds, and page faults per step; at least one step."""
    for _ in range(WARM_UP):
        step()
    times = []
    before, end = page_faults(), time.perf_counter() + seconds
    while not times or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return times, (page_faults() - before) / len(times)


def page_faults() -> int:
    """Page faults of this process so far that needed no disk."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def memory(field: str) -> int:
    """Bytes that `/proc/self/status` gives for `VmRSS` (now) or `VmHWM` (the most so far)."""
    with open("/proc/self/status") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) << 10
    return 0
