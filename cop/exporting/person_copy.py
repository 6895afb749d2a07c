"""All that we hold about one person as an archive: pages to read, the same as JSON, and the files that they gave us."""

import json
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO

from flask import current_app

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.outbox import Outbox
from cop.queries.privacy import copying
from cop.queries.privacy.areas import ABOUT
from cop.queries.privacy.copying import Copy
from cop.queries.privacy.held import Area, who
from cop.services import files

Letter = tuple[str, str]
"""The subject and the text of a message."""


def write(
    read: Reading, into: BinaryIO, *, read_letter: Callable[[Outbox], Letter | None], tell: Callable[[int, int], None]
) -> int:
    """Write the archive about whoever acts; how many records it holds.

    ``read_letter`` gives a message as its recipient reads it, without secrets, or None where nobody can draw it any
    more. ``tell`` hears how many steps are done, of how many.
    """
    if read.actor.person_id is None:
        raise NotFound
    somebody = who(read, person_id=read.actor.person_id)
    found = copying.of(read, somebody)
    sent = copying.letters(read, somebody)
    mails = []
    for done, row in enumerate(sent):
        tell(done, len(sent) + 1)
        mails.append(_of_letter(row, read_letter(row)))
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        _add(archive, read, "everything.json", [_json(_document(read, found, mails)).encode()])
        page = current_app.jinja_env.get_template("privacy_centre/copy.html")
        shown = {"found": found, "about": ABOUT, "areas": list(Area), "mails": mails, "made_at": read.now}
        _add(archive, read, "index.html", (piece.encode() for piece in page.generate(**shown)))
        style = current_app.jinja_env.get_template("space_copy/style.css")
        _add(archive, read, "style.css", [style.render().encode()])
        for path, file in copying.uploads(read, somebody):
            _add(archive, read, path, files.pieces(read, file))
    return sum(len(table.rows) for tables in found.areas.values() for table in tables)


def _add(archive: zipfile.ZipFile, read: Reading, name: str, pieces: Iterable[bytes]) -> None:
    info = zipfile.ZipInfo(name, read.now.timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(info, "w", force_zip64=True) as entry:
        entry.writelines(pieces)


def _of_letter(row: Outbox, drawn: Letter | None) -> dict[str, Any]:
    subject, words = drawn or (None, None)
    return {
        "kind": row.template,
        "state": str(row.state),
        "promised_at": copying.plain(row.posted_at),
        "sent_at": copying.plain(row.sent_at) if row.sent_at else None,
        "subject": subject,
        "words": words,
    }


def _document(read: Reading, found: Copy, mails: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "made_at": copying.plain(read.now),
        "person": found.person,
        "areas": {
            str(area): {
                "purpose": ABOUT[area].purpose,
                "lawful_basis": ABOUT[area].basis,
                "kept": ABOUT[area].kept,
                "tables": {
                    table.name: {"called": table.called, "rows": table.rows, "left_out": table.left_out}
                    for table in found.areas.get(area, [])
                },
            }
            for area in Area
        },
        "letters": mails,
        "changes": found.changes,
        "reads_by_staff": found.reads,
        "left_out": found.excused,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1)
