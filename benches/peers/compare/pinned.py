"""Is what the requirements pin installed here? Says what is not, and exits with 1."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def pins(requirements: Path) -> list[tuple[str, str]]:
    """The pairs (package, version) of a requirements file in which everything is pinned."""
    return re.findall(r"^([\w-]+)==(\S+)", requirements.read_text(), re.MULTILINE)


def missing(requirements: Path) -> Iterator[str]:
    """One sentence for each package that is absent, or there in another version."""
    for package, wanted in pins(requirements):
        try:
            found = version(package).split("+")[0]  # 2.15.0+cpu is 2.15.0
        except PackageNotFoundError:
            found = None
        if found != wanted:
            yield f"{package} {wanted} is wanted, {found or 'nothing'} is there"


if __name__ == "__main__":
    problems = list(missing(Path(sys.argv[1])))
    print("\n".join(problems), end="\n" if problems else "", file=sys.stderr)
    sys.exit(bool(problems))
