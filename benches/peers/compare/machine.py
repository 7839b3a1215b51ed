"""What a result must say of the place and time where it was measured."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def processors() -> list[int]:
    """The processors that this process may use, one of each core first."""
    allowed = sorted(os.sched_getaffinity(0))

    def is_second(cpu: int) -> bool:
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        first = path.read_text().replace("-", ",").split(",")[0] if path.exists() else cpu
        return int(first) != cpu

    return sorted(allowed, key=lambda cpu: (is_second(cpu), cpu))


def thread_counts() -> list[int]:
    """Of one and two threads, those that have a processor each."""
    return [count for count in (1, 2) if count <= len(processors())]


def cpu_name() -> str:
    with open("/proc/cpuinfo") as lines:
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    wide = "AVX-512" if "avx512f" in fields.get("flags", "") else "no AVX-512"
    family, model = fields.get("cpu family", "?"), fields.get("model", "?")
    return f"{fields.get('model name', 'unknown')} (family {family}, model {model}, {wide})"


def commit() -> str:
    """The commit that is checked out, with `+` when something beside the results has changed."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout

    results = ("benches/RESULTS.md", "benches/growth.svg")
    changed = [
        line for line in git("status", "--porcelain").splitlines() if line[3:] not in results
    ]
    return (git("rev-parse", "--short", "HEAD").strip() or "unknown") + ("+" if changed else "")
