"""The evaluation pack: a report in all its formats with every export, pseudonymised, and what explains them."""

import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import BinaryIO

from flask import current_app

from cop import exporting
from cop.core.work import Reading
from cop.exporting.funder_report.document import document_of
from cop.exporting.funder_report.files import FORMATS, style
from cop.models.evidence import FunderReport
from cop.queries import funder_reports as queries


def _told(tell: Callable[[int], None], done: int, _rows: int) -> None:
    """Within a large export it is not farther, and still at work."""
    tell(done)


STEPS = len(FORMATS) + len(exporting.KINDS)
"""How many parts a pack is made of, for whoever tells how far it is."""

Tell = Callable[[int], None]


def write(read: Reading, report: FunderReport, into: BinaryIO, *, tell: Tell) -> None:
    """Write the archive. ``tell`` hears how many parts are done."""
    slug = report.content["programme"]["slug"]
    found = document_of(report, queries.quotations(read, report))
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:

        def put(name: str, pieces: Iterator[bytes]) -> None:
            info = zipfile.ZipInfo(name, read.now.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as entry:
                entry.writelines(pieces)

        explained = current_app.jinja_env.get_template("funder_reports/read_me.txt").render(
            report=report, found=found, kinds=exporting.KINDS.values(), now=read.now
        )
        put("README.txt", iter([explained.encode()]))
        put("report/style.css", iter([style()]))
        for done, (format_, (make, _media_type)) in enumerate(FORMATS.items()):
            tell(done)
            put(f"report/report.{format_}", iter([make(report, found)]))
        for done, kind in enumerate(exporting.KINDS, start=len(FORMATS)):
            tell(done)
            table, codebook = exporting.table_and_codebook(
                read, kind=kind, programme_slug=slug, pseudonymised=True, tell=partial(_told, tell, done)
            )
            put(f"exports/{kind}.csv", table)
            put(f"exports/{kind}-codebook.csv", codebook)
    tell(STEPS)
