from datetime import date
from typing import Any

import pytest

from cop.core.access import Role
from cop.core.errors import NotFound, Refusal
from cop.models.programmes import Programme
from cop.queries import programmes as queries
from cop.services import programmes
from tests.support.make import Make, Reads, Working

WORDS: dict[str, Any] = {
    "name": "Tackling health inequalities",
    "summary": "Councils learn together.",
    "starts_on": date(2026, 1, 1),
    "ends_on": date(2027, 12, 31),
}


def add(work: Working, **values: Any) -> Programme:
    with work() as unit:
        return programmes.create_programme(unit, **WORDS | values)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Tackling health inequalities", "tackling-health-inequalities"),
        ("  A & B: what's next? ", "a-b-whats-next"),
        ("Crèche à Zürich", "creche-a-zurich"),
        ("健康", ""),
        ("word " * 40, "-".join(["word"] * 16)),
    ],
)
def test_an_address_is_made_of_the_words_of_a_name(name: str, slug: str) -> None:
    assert programmes.slug_from(name) == slug


def test_a_blank_address_is_made_from_the_name(work: Working) -> None:
    assert add(work).slug == "tackling-health-inequalities"


@pytest.mark.parametrize(
    "slug", ["Upper", "two--hyphens", "-first", "last-", "with space", "ünder", "a/b", "a" * 81, "a\n"]
)
def test_a_malformed_address_is_refused(work: Working, slug: str) -> None:
    with pytest.raises(Refusal, match="small letters") as refused:
        add(work, slug=slug)
    assert refused.value.field == "slug"


def test_a_name_without_letters_needs_an_address(work: Working) -> None:
    with pytest.raises(Refusal, match="a to z") as refused:
        add(work, name="健康")
    assert refused.value.field == "slug"
    assert add(work, name="健康", slug="health").slug == "health"


@pytest.mark.parametrize("slug", ["health", "new"])
def test_an_address_in_use_is_refused(work: Working, slug: str) -> None:
    add(work, slug="health")
    with pytest.raises(Refusal, match="in use") as refused:
        add(work, slug=slug)
    assert refused.value.field == "slug"


def test_the_first_programme_is_the_current_one(work: Working, reading: Reads) -> None:
    first, second = add(work, slug="first"), add(work, slug="second")
    assert (first.is_current, second.is_current) == (True, False)
    with reading() as read:
        found = queries.current(read)
        assert found is not None
        assert found.slug == "first"


def test_there_is_one_current_programme(work: Working, reading: Reads) -> None:
    programme_ids = [add(work, slug=slug).id for slug in ("first", "second", "third")]
    with work() as unit:
        programmes.make_current(unit, programme_id=programme_ids[1])
    with reading() as read:
        assert [item.slug for item in queries.listed(read) if item.is_current] == ["second"]


def test_a_programme_does_not_end_before_it_begins(work: Working) -> None:
    with pytest.raises(Refusal) as refused:
        add(work, starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 31))
    assert refused.value.field == "ends_on"


def test_a_programme_is_changed_and_keeps_its_address(work: Working, reading: Reads) -> None:
    made = add(work, slug="health")
    with work() as unit:
        programmes.edit_programme(unit, programme_id=made.id, **WORDS | {"name": "Health for all"})
    with reading() as read:
        assert queries.by_slug(read, "health").name == "Health for all"


def test_series_belong_to_a_programme(work: Working, reading: Reads) -> None:
    made = add(work)
    with work() as unit:
        series = programmes.create_series(unit, programme_id=made.id, name="Speaker series", summary="An hour.")
        programmes.edit_series(unit, series_id=series.id, name="Speakers", summary="An hour each.")
    with reading() as read:
        found = queries.series_by_slug(read, "speaker-series")
        assert (found.name, found.programme.id) == ("Speakers", made.id)
        assert [item.id for item in queries.series_of(read, [made.id])] == [series.id]


class TestWhoMay:
    def test_an_admin_of_one_programme_changes_that_one_only(self, work: Working, make: Make) -> None:
        own, other = make.programme("own"), make.programme("other")
        person = make.account("Pia Programme")
        make.grant(person, Role.ADMIN, programme=own)
        with work(make.actor(person)) as unit:
            programmes.edit_programme(unit, programme_id=own.id, **WORDS)
            series = programmes.create_series(unit, programme_id=own.id, name="Own series", summary="s")
        foreign = make.series(programme=other)
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            programmes.edit_programme(unit, programme_id=other.id, **WORDS)
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            programmes.edit_series(unit, series_id=foreign.id, name="Stolen", summary="s")
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            programmes.create_programme(unit, **WORDS)
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            programmes.make_current(unit, programme_id=own.id)
        assert series.programme_id == own.id

    @pytest.mark.parametrize("role", [Role.FACILITATOR, Role.HOST, Role.EVALUATOR, Role.REVIEWER])
    def test_other_roles_change_no_programme(self, work: Working, make: Make, role: Role) -> None:
        own = make.programme()
        person = make.account("Fay Facilitator")
        make.grant(person, role, programme=own)
        with pytest.raises(NotFound), work(make.actor(person)) as unit:
            programmes.edit_programme(unit, programme_id=own.id, **WORDS)

    def test_what_does_not_exist_is_not_found(self, work: Working) -> None:
        for command in (programmes.make_current, programmes.edit_programme):
            with pytest.raises(NotFound), work() as unit:
                command(unit, programme_id=99, **WORDS if command is programmes.edit_programme else {})
        with pytest.raises(NotFound), work() as unit:
            programmes.edit_series(unit, series_id=99, name="n", summary="s")
