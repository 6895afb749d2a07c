"""Staff add files to an event, rename, reorder and remove them."""

import io
from collections.abc import Sequence

import pytest

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.events import Event
from cop.queries import files as queries
from cop.services.events import editing
from cop.services.files import of_events
from tests.support.files import PDF, event_file
from tests.support.make import Make, Reads, Working


@pytest.fixture
def visit(make: Make) -> Event:
    return make.visit()


@pytest.fixture
def editor(make: Make, visit: Event) -> Actor:
    person = make.account()
    make.grant(person, Role.FACILITATOR, event=visit)
    return make.actor(person)


def titles(reading: Reads, visit: Event) -> Sequence[str]:
    with reading() as read:
        return [item.title for item in queries.of_event(read, visit.id)]


def seen(reading: Reads, visit: Event) -> int:
    with reading() as read:
        return queries.revision(queries.of_event(read, visit.id))


def test_files_stand_in_the_order_in_which_they_were_added(
    work: Working, reading: Reads, visit: Event, editor: Actor
) -> None:
    with work(editor) as unit:
        added = of_events.add(
            unit, event_id=visit.id, stream=io.BytesIO(PDF), name="../a\x00 map.pdf", title="", public=False
        )
    assert (added.name, added.title, added.added_by) == ("a map.pdf", "a map.pdf", editor.person_id)
    event_file(work, visit, "Risks")
    assert titles(reading, visit) == ["a map.pdf", "Risks"]


def test_a_file_is_called_something_else(work: Working, reading: Reads, visit: Event, editor: Actor) -> None:
    item = event_file(work, visit)
    with work(editor) as unit:
        edited = of_events.edit(
            unit, event_id=visit.id, public_id=item.public_id, title="Parking", public=True, seen=seen(reading, visit)
        )
    assert (edited.title, edited.public, edited.name) == ("Parking", True, "map.pdf")


def test_a_file_moves_up_and_the_first_stays_first(work: Working, reading: Reads, visit: Event, editor: Actor) -> None:
    items = [event_file(work, visit, title) for title in "abc"]
    for public_id, order in [(items[2].public_id, "acb"), (items[2].public_id, "cab"), (items[2].public_id, "cab")]:
        with work(editor) as unit:
            of_events.move_up(unit, event_id=visit.id, public_id=public_id, seen=seen(reading, visit))
        assert titles(reading, visit) == list(order)


def test_a_file_is_removed_once(work: Working, reading: Reads, visit: Event, editor: Actor) -> None:
    item = event_file(work, visit)
    with work(editor) as unit:
        of_events.remove(unit, event_id=visit.id, public_id=item.public_id)
    assert titles(reading, visit) == []
    with pytest.raises(NotFound), work(editor) as unit:
        of_events.remove(unit, event_id=visit.id, public_id=item.public_id)


def test_whoever_saw_an_older_list_is_refused(work: Working, reading: Reads, visit: Event, editor: Actor) -> None:
    item, shown = event_file(work, visit), seen(reading, visit)
    event_file(work, visit, "Risks")
    with pytest.raises(Refusal, match="Somebody else"), work(editor) as unit:
        of_events.edit(unit, event_id=visit.id, public_id=item.public_id, title="x", public=False, seen=shown)
    with pytest.raises(Refusal, match="Somebody else"), work(editor) as unit:
        of_events.move_up(unit, event_id=visit.id, public_id=item.public_id, seen=shown)
    assert titles(reading, visit) == ["Map", "Risks"]


def test_the_same_file_is_offered_once(work: Working, make: Make, visit: Event) -> None:
    event_file(work, visit, data=PDF)
    with pytest.raises(Refusal, match="already, as “Map”"):
        event_file(work, visit, "Again", data=PDF)
    event_file(work, make.visit("Another"), data=PDF)


def test_there_are_not_too_many(work: Working, visit: Event, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_events, "MOST", 2)
    for title in "ab":
        event_file(work, visit, title)
    with pytest.raises(Refusal, match="at most 2 files"):
        event_file(work, visit, "c")


def test_a_cancelled_event_stays_as_it_was(work: Working, visit: Event) -> None:
    with work() as unit:
        editing.cancel_event(unit, event_id=visit.id, reason="Flood")
    with pytest.raises(Refusal, match="cancelled"):
        event_file(work, visit)


def test_only_editors_of_the_event_touch_its_files(work: Working, make: Make, reading: Reads, visit: Event) -> None:
    item, other = event_file(work, visit), make.visit("Another")
    host, neighbour = make.account(), make.account()
    make.grant(host, Role.HOST, event=visit)
    make.grant(neighbour, Role.FACILITATOR, event=other)
    for person in (host, neighbour, make.account()):
        for act in (
            lambda unit: of_events.add(
                unit, event_id=visit.id, stream=io.BytesIO(PDF), name="b.pdf", title="", public=True
            ),
            lambda unit: of_events.edit(
                unit, event_id=visit.id, public_id=item.public_id, title="", public=True, seen=seen(reading, visit)
            ),
            lambda unit: of_events.move_up(
                unit, event_id=visit.id, public_id=item.public_id, seen=seen(reading, visit)
            ),
            lambda unit: of_events.remove(unit, event_id=visit.id, public_id=item.public_id),
        ):
            with pytest.raises(NotFound), work(make.actor(person)) as unit:
                act(unit)
    assert titles(reading, visit) == ["Map"]


def test_a_file_of_another_event_is_not_found(work: Working, make: Make, reading: Reads, visit: Event) -> None:
    item = event_file(work, make.visit("Another"))
    with pytest.raises(NotFound), work() as unit:
        of_events.remove(unit, event_id=visit.id, public_id=item.public_id)
