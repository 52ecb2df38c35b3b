"""``make bench``: small commands, ticks with 10,000 and 100,000 assignments (or the sizes given), a whole
country, mails a second."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(words: list[str]) -> None:
    """Runs the measurements one after the other, so that none disturbs another."""
    plans: tuple[tuple[str, list[str]], ...] = (
        ("benchmarks.commands", []),
        ("benchmarks.tick", words),
        ("benchmarks.due", []),
        ("benchmarks.mail_rate", []),
    )
    for module, arguments in plans:
        print(f"\n## {module}\n", flush=True)
        subprocess.run([sys.executable, "-m", module, *arguments], check=True, cwd=ROOT)


if __name__ == "__main__":
    main(sys.argv[1:])
