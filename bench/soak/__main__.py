"""``python -m bench.soak [visits|letters]``: processes die under load, and every promise is looked at.

Exit status 0 when all were kept.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

from flask import Flask
from flask_migrate import upgrade

from bench.soak import letters, visits
from bench.soak.parts import Installation, Say
from cop import create_app
from cop.demo import running
from cop.web import db

Soak = Callable[[Installation, Flask, Say], tuple[str, list[str]]]


def main(wanted: list[str]) -> int:
    broken = 0
    if "visits" in wanted:
        broken += _run(lambda folder: Installation(folder, web=True), visits.soak)
    if "letters" in wanted:
        broken += _run(lambda folder: Installation(folder, web=False, puts_off=letters.PUTS_OFF), letters.soak)
    return 1 if broken else 0


def _run(install: Callable[[Path], Installation], soak: Soak) -> int:
    """How many promises were broken; the report goes to standard output."""
    began = monotonic()

    def say(step: str) -> None:
        print(f"· {monotonic() - began:5.1f} s  {step}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="cop-soak-") as folder:
        installed = install(Path(folder))
        app = create_app(installed.settings)
        try:
            with app.app_context():
                upgrade(directory=str(running.MIGRATIONS))
            report, broken = soak(installed, app, say)
        finally:
            with app.app_context():
                db.engine.dispose()
            installed.database.stop()
    say("done")
    print(f"{report}\n\n{monotonic() - began:.0f} seconds, {len(broken)} broken promises")
    print("\n".join(broken[:50]), flush=True)
    return len(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["visits", "letters"]))
