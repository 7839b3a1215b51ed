"""What a result must say of the place and time where it was measured."""

import os
import subprocess
from datetime import datetime, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def processors():
    """The processors that this process may use, one of each core first."""
    allowed = sorted(os.sched_getaffinity(0))

    def is_second(cpu):
        path = Path(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list")
        first = path.read_text().replace("-", ",").split(",")[0] if path.exists() else cpu
        return int(first) != cpu

    return sorted(allowed, key=lambda cpu: (is_second(cpu), cpu))


def cpu_name():
    with open("/proc/cpuinfo") as lines:
        fields = dict(line.split(":", 1) for line in lines if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    wide = "AVX-512" if "avx512f" in fields.get("flags", "") else "no AVX-512"
    family, model = fields.get("cpu family", "?"), fields.get("model", "?")
    return f"{fields.get('model name', 'unknown')} (family {family}, model {model}, {wide})"


def commit():
    """The commit that is checked out, with `+` when something beside the results has changed."""

    def git(*words):
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True).stdout

    changed = [line for line in git("status", "--porcelain").splitlines() if "benches/" not in line]
    return (git("rev-parse", "--short", "HEAD").strip() or "unknown") + ("+" if changed else "")


def headline(runners, options):
    """One paragraph: date, machine, versions, commit, settings."""
    names = {runner.name.split()[0]: runner.version for runner in runners}
    versions = ", ".join(f"{name} {version}" for name, version in names.items())
    now = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    return (
        f"{now}, commit {commit()}. {cpu_name()}, {len(processors())} processors. {versions}. "
        f"Medians of {options.rounds} round(s), {options.seconds:g} s of training each."
    )
