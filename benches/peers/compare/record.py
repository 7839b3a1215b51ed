"""The record of results, `benches/RESULTS.md`: entries are only ever added."""

from collections.abc import Sequence
from datetime import UTC, datetime

from . import machine
from .options import Options
from .runners import Runner

RESULTS = machine.ROOT / "benches/RESULTS.md"


def append(what: str, text: str) -> None:
    """Adds an entry that says what changed."""
    with RESULTS.open("a") as results:
        results.write(f"\n## {what}\n\n{text}\n")
    print(f"appended to {RESULTS}")


def headline(runners: Sequence[Runner], options: Options) -> str:
    """One paragraph: date, machine, versions, commit, settings."""
    names = {runner.name.split()[0]: runner.version for runner in runners}
    versions = ", ".join(f"{name} {version}" for name, version in names.items())
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    place = f"{machine.cpu_name()}, {len(machine.processors())} processors"
    what = "for each product" if options.products else "of training each"
    return (
        f"{now}, commit {machine.commit()}. {place}. {versions}. "
        f"Medians of {options.rounds} round(s), {options.seconds:g} s {what}."
    )
