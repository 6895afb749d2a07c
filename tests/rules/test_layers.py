"""The contracts of pyproject.toml hold, and each of them notices its breach."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.source import ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = re.findall(r"\w+", " ".join(CONTRACTS[0]["layers"]))


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own tool
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A service of empty layers under our contracts."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("cop", "scheduled", *(f"cop/{layer}" for layer in LAYERS), "cop/blueprints/visits"):
        (tmp_path / package).mkdir(parents=True, exist_ok=True)
        (tmp_path / package / "__init__.py").touch()
    (tmp_path / "cop/blueprints/accounts.py").touch()
    return tmp_path


def test_the_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_an_empty_service_breaks_no_contract(small: Path) -> None:
    done = lint(small)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "source", "contract"),
    [
        ("cop/core/a.py", "import cop.models", "imports point downward"),
        ("cop/queries/a.py", "import cop.services", "imports point downward"),
        ("cop/web/a.py", "import cop.forms", "imports point downward"),
        ("cop/forms/a.py", "import cop.blueprints.accounts", "imports point downward"),
        ("cop/unheard_of.py", "", "imports point downward"),
        ("cop/services/a.py", "import flask", "business code does not know the web"),
        ("cop/queries/a.py", "from wtforms import Form", "business code does not know the web"),
        ("cop/models/a.py", "import flask_sqlalchemy", "business code does not know the web"),
        ("cop/formats/a.py", "import jinja2", "business code does not know the web"),
        ("cop/core/a.py", "import werkzeug.utils", "business code does not know the web"),
        ("cop/blueprints/accounts.py", "import cop.blueprints.visits", "areas are strangers to one another"),
        ("cop/blueprints/accounts.py", "from sqlalchemy import select", "pages and forms hold no SQL"),
        ("cop/forms/a.py", "import psycopg", "pages and forms hold no SQL"),
        ("scheduled/a.py", "import cop.blueprints.visits", "jobs use no pages and no forms"),
        ("scheduled/a.py", "import cop.forms", "jobs use no pages and no forms"),
    ],
)
def test_a_breach_is_noticed(path: str, source: str, contract: str, small: Path) -> None:
    (small / path).write_text(source)
    done = lint(small)
    assert done.returncode == 1, done.stderr
    assert f"{contract} BROKEN" in done.stdout
