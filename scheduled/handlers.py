"""What can be asked for as a task, by its kind: each works for whoever asked, with the rights that they hold now."""

import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol, cast

from cop import exporting, mail
from cop.core.access import Actor
from cop.core.work import Read
from cop.exporting import Format, person_copy, space_copy
from cop.exporting.funder_report import pack
from cop.formats.tables import MOST_BYTES, read_csv
from cop.models.files import File
from cop.models.outbox import Outbox
from cop.models.tasks import Task
from cop.queries import funder_reports
from cop.queries.cohorts.drawing import chain_of
from cop.queries.exports import scope
from cop.queries.forum import copying
from cop.queries.seating import seating as tables_of
from cop.queries.tasks import DRAW, EVALUATION_PACK, EXPORT, IMPORT, PERSON_COPY, SEATING, SPACE_COPY
from cop.services import files, imports, seating
from cop.services.cohorts import drawing
from cop.web import db, observe, ports, run

IN_MEMORY = 1024 * 1024
"""Bytes of a file in the making; a larger one goes to the disk."""

LONGEST_DRAW = timedelta(minutes=5)

SHOWN = 50
"""Lines of an import that the page of its task shows."""


class Progress(Protocol):
    def __call__(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, as often as you like; raises where the task is no longer ours."""
        ...


@dataclass(frozen=True)
class Made:
    """What came of a task: facts for its page, and a file where there is one."""

    result: dict[str, Any] = field(default_factory=dict)
    file: BinaryIO | None = None
    media_type: str = ""


def export(task: Task, actor: Actor, progress: Progress) -> Made:
    """An export with its codebook: as CSV both in one archive, else in one file."""
    reader = Read(db.session(), ports().clock.now(), actor)
    asked = {name: task.params[name] for name in ("kind", "programme_slug", "pseudonymised")}
    kind, wanted = asked["kind"], Format(task.params.get("format", Format.CSV))  # those asked for before say none
    allowed = scope(reader, programme_slug=asked["programme_slug"], pseudonymised=asked["pseudonymised"])
    hidden = "" if allowed.key is None else "-pseudonymised"
    rows = exporting.count(reader, tell=lambda _rows: progress(0), **asked)

    def tell(done: int) -> None:
        progress(min(done, rows), rows)

    tell(0)
    spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  closed by whoever keeps it
    if wanted is Format.CSV:
        table, codebook = exporting.table_and_codebook(reader, tell=tell, **asked)
        _pack(spool, {f"{kind}{hidden}.csv": table, f"{kind}{hidden}-codebook.csv": codebook}, reader.now)
    else:
        spool.writelines(exporting.table(reader, format_=wanted, tell=tell, **asked))
    observe(f"{kind} exported", "programme", allowed.programme_id, actor=actor)
    ending, media_type = ("zip", "application/zip") if wanted is Format.CSV else (wanted, wanted.media_type)
    name = f"{kind}-{allowed.slug}{hidden}.{ending}"
    return Made({"name": name, "rows": rows, "named": allowed.key is None}, spool, media_type)


def _pack(file: BinaryIO, contents: Mapping[str, Iterator[bytes]], at: datetime) -> None:
    """An archive of these files, one made after the other."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in contents.items():
            info = zipfile.ZipInfo(name, at.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w", force_zip64=True) as entry:
                entry.writelines(pieces)


def import_table(task: Task, actor: Actor, progress: Progress) -> Made:
    """Say what a file would do to the directory, or do it: all of it or, if one row is refused, nothing."""
    progress(0)
    reader = Read(db.session(), ports().clock.now(), actor)
    file = reader.session.get_one(File, task.sha256)
    importing = imports.ORGANISATIONS if task.params["kind"] == "organisations" else imports.PEOPLE
    rows = read_csv(b"".join(files.pieces(reader, file)), importing.required, importing.optional, most_bytes=MOST_BYTES)
    progress(0, len(rows))
    if task.params["dry_run"]:
        plan = importing.plan(reader, rows)
    else:
        plan = run(lambda work: importing.carry_out(work, rows), actor)
    return Made({"counts": {str(action): plan.counts[action] for action in imports.Action}, **_lines(plan)})


def _lines(plan: imports.Plan) -> dict[str, list[list[Any]]]:
    """The first of the lines that are refused or change something, as the page shows them."""
    kinds = {"refused": plan.refused, "changes": plan.doing(imports.Action.CREATE, imports.Action.UPDATE)}
    return {
        name: [
            [line.line, str(line.action), line.subject, str(line.reason) if line.reason else ""]
            for line in lines[:SHOWN]
        ]
        for name, lines in kinds.items()
    }


def draw(task: Task, actor: Actor, progress: Progress) -> Made:
    """Compute the chances of a frozen pool, outside any transaction, and seal them; the best so far after a while."""
    progress(0)
    chain = chain_of(Read(db.session(), ports().clock.now(), actor), task.params["cohort_id"])
    db.session.remove()
    until = ports().clock.now() + LONGEST_DRAW

    def stop() -> bool:
        progress(0)
        return ports().clock.now() >= until

    computed = drawing.compute(chain, stop=stop)
    asked = {"cohort_id": task.params["cohort_id"], "source": task.params["source"]}
    run(lambda work: drawing.seal(work, computed=computed, **asked), actor)
    return Made()


def seat(task: Task, actor: Actor, progress: Progress) -> Made:
    """Work out who sits at which table, outside any transaction, and put it on record."""
    progress(0, 100)
    seen = task.params["seen"]
    found = tables_of(Read(db.session(), ports().clock.now(), actor), slug=task.params["slug"], to_edit=True)
    db.session.remove()
    seated = seating.compute(found, seen=seen, tell=progress)
    run(lambda work: seating.keep_seated(work, event_id=task.params["event_id"], seen=seen, seated=seated), actor)
    return Made()


def copy_space(task: Task, actor: Actor, progress: Progress) -> Made:
    """An archive of a space of the forum, as its members can read it."""
    reader = Read(db.session(), ports().clock.now(), actor)
    space = copying.space(reader, slug=task.params["slug"])
    progress(0, space.topics)
    spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  closed by whoever keeps it
    topics = space_copy.write(reader, space, spool, tell=lambda done: progress(min(done, space.topics), space.topics))
    observe("forum exported", "space", space.id, actor=actor)
    return Made({"name": f"{space.slug}.zip", "topics": topics}, spool, "application/zip")


def evaluation_pack(task: Task, actor: Actor, progress: Progress) -> Made:
    """An archive of a report to funders and all exports, pseudonymised whoever asks."""
    reader = Read(db.session(), ports().clock.now(), actor)
    report = funder_reports.one(reader, public_id=task.params["public_id"])
    progress(0, pack.STEPS)
    spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  closed by whoever keeps it
    pack.write(reader, report, spool, tell=lambda done: progress(done, pack.STEPS))
    observe("evaluation pack exported", "programme", report.programme_id, actor=actor)
    name = f"evaluation-pack-{task.params['programme_slug']}-{report.as_of.isoformat()}.zip"
    return Made({"name": name, "named": False}, spool, "application/zip")


def copy_person(task: Task, actor: Actor, progress: Progress) -> Made:
    """All that we hold about whoever asks, with the messages to them as they read, without what is secret in those."""
    reader = Read(db.session(), ports().clock.now(), actor)

    def as_sent(row: Outbox) -> tuple[str, str] | None:
        drawn = mail.as_it_reads(reader, row)
        return (drawn.subject, drawn.text) if drawn is not None else None

    spool = cast(BinaryIO, tempfile.SpooledTemporaryFile(max_size=IN_MEMORY))  # noqa: SIM115  closed by whoever keeps it
    records = person_copy.write(reader, spool, read_letter=as_sent, tell=progress)
    observe("person copied", "person", task.person_id, actor=actor)
    return Made({"name": "your-information.zip", "records": records}, spool, "application/zip")


Handler = Callable[[Task, Actor, Progress], Made]

HANDLERS: Mapping[str, Handler] = {
    EXPORT: export,
    IMPORT: import_table,
    DRAW: draw,
    SEATING: seat,
    SPACE_COPY: copy_space,
    PERSON_COPY: copy_person,
    EVALUATION_PACK: evaluation_pack,
}
