"""Everything that is about a person stands in the one plan by which it is shown, copied and erased."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Column, ForeignKey, Integer, MetaData, Table

from cop.models.accounts import Person
from cop.models.base import Base
from cop.queries.privacy.areas import ABOUT
from cop.queries.privacy.held import Area, Fate, Held
from cop.queries.privacy.plan import ACTED, BESIDE, BY_COLUMN, PLAN

KNOWN = frozenset(BY_COLUMN) | ACTED | frozenset(BESIDE)


def pointing(metadata: MetaData, tables: frozenset[str]) -> Iterator[str]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name in tables for key in column.foreign_keys):
                yield f"{table.name}.{column.name}"


def unplanned(metadata: MetaData) -> set[str]:
    """Columns that point to a person, or to a row that is somebody's, of which the plan says nothing."""
    own = frozenset({Person.__tablename__, *(held.table.name for held in PLAN if held.area is not Area.STAFF)})
    return {name for name in pointing(metadata, own) if name not in KNOWN}


def test_every_column_that_leads_to_somebody_is_in_the_plan() -> None:
    assert unplanned(Base.metadata) == set()


def test_the_rule_notices_a_new_table() -> None:
    metadata = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(metadata)
    Table("diary", metadata, Column("id", Integer), Column("person_id", ForeignKey("person.id")))
    Table("crumb", metadata, Column("id", Integer), Column("booking_id", ForeignKey("booking.id")))
    assert unplanned(metadata) == {"diary.person_id", "crumb.booking_id"}


def test_the_plan_names_nothing_twice_and_nothing_that_is_not_there() -> None:
    assert len(BY_COLUMN) == len(PLAN)
    assert not frozenset(BY_COLUMN) & ACTED
    there = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert there >= KNOWN


@pytest.mark.parametrize("held", PLAN, ids=lambda held: held.column)
def test_each_entry_is_sound(held: Held) -> None:
    columns = set(held.table.columns.keys())
    assert set(held.empties) | set(held.left_out) <= columns
    assert held.called
    assert held.fate is Fate.GOES or held.why, "whoever is erased is told why it stays"
    assert held.fate is Fate.NAMELESS or not held.empties
    assert held.through is None or held.through in BY_COLUMN


def test_every_area_says_why_we_hold_it_and_for_how_long() -> None:
    assert set(ABOUT) == set(Area)
    for about in ABOUT.values():
        assert all((about.title, about.purpose, about.basis, about.kept))
