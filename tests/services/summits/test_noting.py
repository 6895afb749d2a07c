"""Notes of tables: kept by round and table, never overwritten unseen, and for staff only."""

import pytest

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.seating import TableNote
from cop.queries import summits as queries
from cop.queries.summits import Notes
from cop.services import summits as services
from tests.support.make import Make, Reads, Working
from tests.support.seating import Tables


@pytest.fixture
def tables(make: Make, work: Working, reading: Reads) -> Tables:
    found = Tables(make, work, reading)
    found.set_up(4, 4, rounds=2)
    return found


def write(work: Working, tables: Tables, words: str, actor: Actor | None = None, **where: int) -> TableNote | None:
    place = {"round_": 0, "table": 0, "seen": 0, **where}
    with work(*([actor] if actor else [])) as opened:
        return services.write_note(opened, event_id=tables.event.id, words=words, **place)


def notes(reading: Reads, tables: Tables) -> Notes:
    with reading() as read:
        return queries.notes_of(read, tables.event)


def test_are_kept_for_each_table_and_round_with_whoever_wrote_last(
    make: Make, work: Working, reading: Reads, tables: Tables
) -> None:
    host = make.account("Hana Host")
    make.grant(host, Role.HOST, event=tables.event)
    write(work, tables, "Damp flats.", make.actor(host), round_=1, table=1)
    found = notes(reading, tables)
    assert [[(note.name, note.words) for note in round_] for round_ in found.rounds] == [
        [("Table 1", ""), ("Table 2", "")],
        [("Table 1", ""), ("Table 2", "Damp flats.")],
    ]
    assert (found.written, found.rounds[1][1].written_by) == (1, "Hana Host")


def test_are_never_overwritten_unseen(work: Working, reading: Reads, tables: Tables) -> None:
    write(work, tables, "First.")
    with pytest.raises(Refusal, match="Somebody else wrote something here meanwhile"):
        write(work, tables, "Second.")
    write(work, tables, "First.")  # the same words a second time
    write(work, tables, "First and second.", seen=1)
    note = notes(reading, tables).at(0, 0)
    assert note is not None
    assert (note.words, note.revision) == ("First and second.", 2)


def test_go_when_nothing_is_left_of_them(work: Working, reading: Reads, tables: Tables) -> None:
    write(work, tables, "First.")
    with pytest.raises(Refusal):
        write(work, tables, "")
    write(work, tables, "", seen=1)
    assert write(work, tables, "") is None
    assert notes(reading, tables).written == 0


def test_stay_when_their_table_goes(work: Working, reading: Reads, tables: Tables) -> None:
    write(work, tables, "First.", round_=1, table=1)
    tables.set_up(8)
    assert [[note.name for note in round_] for round_ in notes(reading, tables).rounds] == [
        ["Table 1"],
        ["Table 1", "2"],
    ]
    write(work, tables, "Second.", round_=1, table=1, seen=1)


def test_are_for_staff_and_for_tables_that_there_are(make: Make, work: Working, tables: Tables) -> None:
    for actor in (make.actor(make.account()), Actor()):
        with pytest.raises(NotFound):
            write(work, tables, "First.", actor)
    for round_, table in ((2, 0), (0, 2), (-1, 0)):
        with pytest.raises(NotFound):
            write(work, tables, "First.", round_=round_, table=table)
    with pytest.raises(NotFound), work() as opened:
        services.write_note(opened, event_id=make.visit().id, round_=0, table=0, words="First.", seen=0)
