"""Erasing somebody who is present in every part of the service: afterwards nothing says who it was."""

import contextlib
import io
import json
import logging
import zipfile
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Person, SignIn
from cop.models.attendance_reports import AttendanceImport, Match, ReportedPerson
from cop.models.audit import PersonKey
from cop.models.base import Base
from cop.models.cohorts import Application, Endorsement, EndorsementKind
from cop.models.events import Event
from cop.models.merging import AddressChange, Merge, MergeKind
from cop.models.outbox import Bounce
from cop.models.privacy import Erasure, PrivacyRequest, RequestKind, RequestWay
from cop.models.programmes import Programme
from cop.models.telling import Interest
from cop.models.webinars import Registration, Speaker
from cop.queries.privacy.held import Fate, who
from cop.queries.privacy.holdings import counted
from cop.queries.privacy.plan import BY_COLUMN
from cop.queries.soundness import unsound
from cop.services import erasing
from cop.services.erasing import Posts
from cop.web import db
from scheduled import purge_expired, send_outbox
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working

pytestmark = pytest.mark.usefixtures("loaded")

ALUMNA = "alumna@demo.example"
NAME = "Quillonia Vexworth"
EMAIL = "quillonia.vexworth@nowhere-else.example"
PHONE = "07700 900461"
WORDS = (NAME.casefold(), EMAIL)
"""A name and an address that stand nowhere else in the demo programme."""


def said(app: Flask) -> Iterator[tuple[str, str]]:
    """Everything that the database says: where, and what, decrypted wherever any key can do that."""
    with app.app_context(), db.engine.connect() as connection:
        keys = [row.key for row in connection.execute(select(PersonKey.key)) if row.key is not None]
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                for column, value in zip(table.columns, row, strict=True):
                    if value is not None:
                        yield f"{table.name}.{column.name}", " ".join(readings(value, keys))


def readings(value: Any, keys: Sequence[str]) -> Iterator[str]:
    """A value as text; what is encrypted once for each key that opens it, and archives unpacked."""
    if not isinstance(value, bytes):
        yield value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
        return
    yield value.decode(errors="replace")
    if value.startswith(b"gAAAA"):
        with contextlib.suppress(secrecy.WrongKey):
            yield without_escapes(secrecy.decrypt(value))
        yield from (without_escapes(text) for key in keys if (text := secrecy.decrypt_under(key, value)) is not None)
    if value.startswith(b"PK"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(value)) as archive:
            yield from (archive.read(name).decode(errors="replace") for name in archive.namelist())


def without_escapes(text: str) -> str:
    try:
        return json.dumps(json.loads(text), ensure_ascii=False)
    except ValueError:
        return text


def naming(app: Flask) -> set[str]:
    """The columns in which the name or the address stands."""
    return {where for where, text in said(app) if any(word in text.casefold() for word in WORDS)}


def leave_traces(work: Work, person: Person, double: Person) -> None:
    """What the demo programme does not have: under way, by address alone, encrypted, or about a double."""
    now, later = work.now, work.now + timedelta(days=1)
    event_id = work.session.scalars(select(Event.id).where(Event.slug == "change-makers-1")).one()
    programme_id = work.session.scalars(select(Programme.id)).first()
    other = work.session.scalars(select(Application.id).where(Application.person_id != person.id)).first()
    report = work.session.scalars(select(AttendanceImport.id)).first()
    work.because(f"{NAME} telephoned")
    double.merged_into = person.id
    before = {"kept": {"name": NAME, "email": EMAIL}, "gone": {"name": NAME, "email": double.email}, "taken": []}
    expires: dict[str, Any] = {"asked_at": now, "expires_at": later}
    asked: dict[str, Any] = {"received_at": now, "due_on": day_of(now), "came_by": RequestWay.ACCOUNT}
    work.session.add_all(
        [
            Merge(kind=MergeKind.PERSON, kept_id=person.id, gone_id=double.id, moved={}, before=before, merged_at=now),
            SignIn(email=EMAIL, next_path="/", **expires),
            Registration(email=EMAIL, name=NAME, organisation_text="", question=NAME, wanted={}, **expires),
            AddressChange(person_id=person.id, email=f"new.{EMAIL}", **expires),
            Interest(programme_id=programme_id, address=EMAIL, asked_at=now),
            Bounce(address=EMAIL, hard=False, diagnostic=f"{EMAIL} is full", report_id="report", at=now),
            Speaker(event_id=event_id, position=90, name=NAME, about=f"{NAME} speaks", email=EMAIL),
            Endorsement(
                application_id=other, kind=EndorsementKind.MANAGER, name=NAME, email=EMAIL, asked_at=now, words=""
            ),
            ReportedPerson(
                import_id=report,
                line=900,
                name=NAME,
                email=EMAIL,
                organisation_text=NAME,
                came=True,
                skipped="",
                match=Match.NONE,
            ),
            PrivacyRequest(person_id=person.id, kind=RequestKind.COMPLAINT, asked_for=f"I am {NAME}", **asked),
            PrivacyRequest(person_id=person.id, kind=RequestKind.ERASURE, asked_for=f"I am {NAME}", **asked),
        ]
    )


@pytest.fixture
def alumna(make: Make, work: Working) -> Person:
    """The alumna of the demo programme under a name of her own, with traces in every corner."""
    with work() as renaming:
        person = renaming.session.scalars(select(Person).where(Person.email == ALUMNA)).one()
        person.name, person.email, person.phone, person.needs = NAME, EMAIL, PHONE, f"{NAME} needs a ramp"
    make.device_of(person)
    double = make.person(NAME, "quillonia@nowhere-else.example", phone=PHONE)
    with work() as tracing:
        leave_traces(tracing, *(tracing.session.get_one(Person, one.id) for one in (person, double)))
    return person


def chains(app: Flask) -> list[tuple[Any, ...]]:
    table = Base.metadata.tables["selection"]
    with app.app_context(), db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(table).order_by(table.c.id))]


@pytest.mark.parametrize("posts", list(Posts))
def test_afterwards_nothing_says_who_it_was(
    app: Flask,
    make: Make,
    alumna: Person,
    posts: Posts,
    work: Working,
    reading: Reads,
    mailbox: Mailbox,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = naming(app)
    assert {"person.name", "audit.values", "merge.before", "speaker.name", "reported_person.email"} <= before
    chain = chains(app)
    with reading() as read:
        unsound_before = unsound(read)
    with caplog.at_level(logging.DEBUG, logger="cop"):
        with work(make.actor(alumna)) as own:
            erasing.erase_oneself(own, posts=posts)
        with app.app_context():
            send_outbox.run()
            purge_expired.run()
    assert naming(app) == set()
    assert not [word for word in WORDS if word in caplog.text.casefold()]
    assert [mail.subject for mail in mailbox.messages if EMAIL in mail["To"]] == ["What we held about you is erased"]
    assert chains(app) == chain
    with reading() as read:
        assert unsound(read) == unsound_before


def test_everything_that_goes_is_gone_and_the_rest_is_counted_still(
    make: Make, alumna: Person, work: Working, reading: Reads
) -> None:
    with reading() as read:
        of = who(read, person_id=alumna.id)
        before = counted(read, of)
    with work(make.actor(alumna)) as own:
        erased = erasing.erase_oneself(own, posts=Posts.KEEP)
        effects = erased.effects
    with reading() as read:
        after = counted(read, of)
        kept = read.session.get_one(Erasure, alumna.id)
    left = {column: rows for column, rows in after.items() if rows and BY_COLUMN[column].fate is Fate.GOES}
    assert left == {"outbox.address": 1}, "the last message, until it went"
    for column in ("booking.person_id", "mark.seat_id", "commitment.person_id", "post.author_id"):
        assert after[column] == before[column] > 0, column
    assert kept.effects == effects
    assert effects["areas"]["bookings"]["nameless"] > 0
