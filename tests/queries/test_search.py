"""Search by the beginnings of words, and what it makes of everything else that people type."""

from typing import Any

import pytest
from sqlalchemy import TextClause, select

from cop.models.accounts import PERSON_WORDS, Person
from cop.models.organisations import ORGANISATION_WORDS, Organisation
from cop.queries import organisations, people
from cop.queries.search import matching
from tests.support.make import Make, Reads

NAMES = ["West Midlands Combined Authority", "Westminster City Council", "C.Co", "Co-operative Care", "SBI/E3M", "Élan"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("west", ["West Midlands Combined Authority", "Westminster City Council"]),
        ("WEST minst", []),
        ("city west", ["Westminster City Council"]),
        ("co-op", ["Co-operative Care"]),
        ("operative", ["Co-operative Care"]),
        ("sbi/e3", ["SBI/E3M"]),
        ("éla", ["Élan"]),
        ("ÉLAN", ["Élan"]),
        ("minster", []),
        ("", []),
        ("!!! & | :*", []),
        ("west & !city", ["Westminster City Council"]),
        ("west') OR true --", []),
        ("west\\", ["West Midlands Combined Authority", "Westminster City Council"]),
        ("\x00west", ["West Midlands Combined Authority", "Westminster City Council"]),
        ("a" * 5000, []),
        ("🙂", []),
    ],
)
def test_organisations_are_found_by_the_beginnings_of_words(
    words: str, found: list[str], make: Make, reading: Reads
) -> None:
    for name in NAMES:
        make.organisation(name)
    with reading() as read:
        assert [item.name for item in organisations.search(read, words=words, limit=10)] == found


@pytest.mark.parametrize("words", ["C.Co", "c.c", "c"])
def test_names_that_look_like_addresses_are_found(words: str, make: Make, reading: Reads) -> None:
    make.organisation("C.Co")
    with reading() as read:
        assert [item.name for item in organisations.search(read, words=words, limit=10)] == ["C.Co"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("jo", ["Jo Smith"]),
        ("smith jo", ["Jo Smith"]),
        ("jo.smith@de", ["Jo Smith"]),
        ("JO.SMITH@DEMO.EXAMPLE", ["Jo Smith"]),
        ("amina", ["أمينة"]),
        ("أمي", ["أمينة"]),
        ("o'br", ["Pat O’Brien", "Pat O'Brien"]),
        ("nobody", []),
    ],
)
def test_people_are_found_by_name_and_by_address(words: str, found: list[str], make: Make, reading: Reads) -> None:
    make.person("Jo Smith", "jo.smith@demo.example")
    make.person("أمينة", "amina@demo.example")
    make.person("Pat O'Brien", None)
    make.person("Pat O’Brien", None)
    with reading() as read:
        assert {item.name for item in people.listed(read, words=words)} == set(found)


@pytest.mark.parametrize(
    ("key", "vector", "index"),
    [
        (Organisation.id, ORGANISATION_WORDS, "ix_organisation_words"),
        (Person.id, PERSON_WORDS, "ix_person_words"),
    ],
)
def test_a_search_can_use_the_index(key: Any, vector: TextClause, index: str, reading: Reads) -> None:
    """It could not if condition and index said the same in different words."""
    with reading() as read:
        connection = read.session.connection()
        search = select(key).where(matching(key, vector, "west c.co"))
        sql = search.compile(connection, compile_kwargs={"literal_binds": True})
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {sql}").scalars()
        assert index in "\n".join(plan)
