"""The record of results, `benches/RESULTS.md`: entries are only ever added."""

from .machine import ROOT

RESULTS = ROOT / "benches/RESULTS.md"


def append(what, text):
    """Adds an entry that says what changed."""
    with RESULTS.open("a") as results:
        results.write(f"\n## {what}\n\n{text}\n")
    print(f"appended to {RESULTS}")
