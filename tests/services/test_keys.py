"""Rotating the service's keys: everything lies under the newest afterwards, and reads as before."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound
from cop.core.settings import Settings
from cop.models.accounts import Person
from cop.models.audit import Audit, PersonKey
from cop.models.members import Relay
from cop.queries import keys as queries
from cop.queries.keys import Sealed
from cop.services import keys as services
from tests.support.make import Make, Reads, Working

NEWEST = secrecy.new_encryption_key()


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> Iterator[None]:
    """Whatever a test does to the keys of the process, the next has those of the run."""
    yield
    secrecy.use(settings.secret_key, settings.encryption_keys)


@pytest.fixture
def person(make: Make, work: Working) -> Person:
    """Somebody with values in several tables, one of them encrypted in the audit under the service's key."""
    found = make.person("Ngozi Bello", needs="A ramp")
    with work() as writing:
        writing.session.add(Relay(from_person_id=found.id, to_person_id=found.id, body="Hello", sent_at=writing.now))
    make.programme()
    with work() as changing:
        changing.session.get_one(Person, found.id).name = "Ngozi Okafor"
    return found


def columns() -> dict[str, Sealed]:
    return {each.name: each for each in queries.sealed()}


def rotate(work: Working) -> int:
    renewed = 0
    for column in queries.sealed():
        step = services.Step(0, None)
        while True:
            with work() as writing:
                step = services.renew_some(writing, column=column, after=step.last)
            renewed += step.renewed
            if step.last is None:
                break
    return renewed


def places(reading: Reads) -> dict[int | None, int]:
    with reading() as read:
        return {place: sum(held.values()) for place, held in queries.counted(read).items()}


def test_every_value_lies_under_the_newest_key_afterwards(
    person: Person, settings: Settings, work: Working, reading: Reads
) -> None:
    held = places(reading)
    assert set(held) == {0}
    secrecy.use(settings.secret_key, (NEWEST, *settings.encryption_keys))
    assert places(reading) == {1: held[0]}
    assert rotate(work) == held[0]
    assert places(reading) == held
    secrecy.use(settings.secret_key, (NEWEST,))
    with reading() as read:
        assert read.session.get_one(Person, person.id).needs == "A ramp"
        assert read.session.scalars(select(Relay.body)).all() == ["Hello"]
        key = read.session.scalars(select(PersonKey.key).where(PersonKey.person_id == person.id)).one()
        sealed = select(Audit.values).where(Audit.about_person_id == person.id, Audit.action == "changed")
        assert key is not None
        values = read.session.scalars(sealed).one()
        assert values is not None
        assert secrecy.decrypt_under(key, values) is not None


def test_again_changes_nothing_and_the_rest_is_found_after_a_stop(
    make: Make, settings: Settings, work: Working, reading: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "AT_ONCE", 2)
    for number in range(5):
        make.person(f"Person {number}", needs=f"Need {number}")
    secrecy.use(settings.secret_key, (NEWEST, *settings.encryption_keys))
    with work() as writing:
        step = services.renew_some(writing, column=columns()["person.needs"], after=None)
    assert step.renewed == 2
    with reading() as read:
        assert queries.counted(read)[0]["person.needs"] == 2
        assert queries.counted(read)[1]["person.needs"] == 3
    left = places(reading)[1]
    assert rotate(work) == left
    assert rotate(work) == 0
    with reading() as read:
        needs = read.session.scalars(select(Person.needs).order_by(Person.id)).all()
    assert needs == [f"Need {number}" for number in range(5)]


def test_what_no_key_opens_is_counted_and_stops_the_rotation(
    make: Make, settings: Settings, work: Working, reading: Reads
) -> None:
    make.person(needs="A ramp")
    secrecy.use(settings.secret_key, (NEWEST,))
    assert places(reading) == {None: 1}
    with pytest.raises(secrecy.WrongKey):
        rotate(work)


def test_every_encrypted_column_and_the_audit_are_walked_through() -> None:
    names = set(columns())
    assert {"person.needs", "person_key.key", "relay.body", "arrangement.access", "audit.values"} <= names
    assert {"equality_answer.answers", "programme.pseudonym_key", "privacy_request.asked_for"} <= names


def test_only_the_system_and_admins_rotate(app: Flask, work: Working) -> None:
    with pytest.raises(NotFound), work(VISITOR) as writing:
        services.renew_some(writing, column=columns()["person.needs"], after=None)
