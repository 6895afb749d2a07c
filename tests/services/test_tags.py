"""The lists of words to sort by, and who may change them."""

from collections import Counter

import pytest
from sqlalchemy import select

from cop.core.errors import NotFound, Refusal
from cop.models.tags import SORTERS, Tag, TagKind
from cop.queries import tags as queries
from cop.services import tags as services
from tests.support.make import Make, Reads, Working


@pytest.fixture
def lists(work: Working) -> None:
    with work() as unit:
        services.ensure(unit)


class TestReadyMadeWords:
    def test_are_added_once(self, work: Working) -> None:
        with work() as unit:
            assert services.ensure(unit) == sum(map(len, services.READY_MADE.values()))
        with work() as unit:
            assert services.ensure(unit) == 0

    @pytest.mark.usefixtures("lists")
    def test_keep_the_words_of_the_network_in_their_order(self, reading: Reads) -> None:
        with reading() as read:
            offered = queries.offered(read)
        assert list(offered) == list(SORTERS)
        assert [tag.name for tag in offered[TagKind.LEVEL]] == ["Civic", "Service-based", "Community-centred"]
        assert Counter({kind: len(tags) for kind, tags in offered.items()})[TagKind.PRINCIPLE] == 10

    @pytest.mark.usefixtures("lists")
    def test_tell_the_same_word_of_two_lists_apart(self, reading: Reads) -> None:
        with reading() as read:
            found = read.session.execute(select(Tag.slug, Tag.kind).where(Tag.name == "Co-production").order_by(Tag.id))
            assert found.all() == [("co-production", TagKind.PRINCIPLE), ("co-production-method", TagKind.METHOD)]

    @pytest.mark.usefixtures("lists")
    def test_stay_as_they_were_changed(self, work: Working, reading: Reads) -> None:
        with work() as unit:
            services.rename(unit, slug="housing", name="Homes")
            services.retire(unit, slug="income")
        with work() as unit:
            assert services.ensure(unit) == 0
        with reading() as read:
            names = [tag.name for tag in queries.offered(read)[TagKind.THEME]]
        assert "Homes" in names
        assert not {"Housing", "Income"} & set(names)

    def test_are_for_admins_of_everything_to_change(self, work: Working, make: Make) -> None:
        actor = make.actor(make.account())
        with pytest.raises(NotFound), work(actor) as unit:
            services.ensure(unit)
        with pytest.raises(NotFound), work(actor) as unit:
            services.add(unit, kind=TagKind.SKILL, name="Juggling")
        with pytest.raises(NotFound), work(actor) as unit:
            services.retire(unit, slug="housing")


@pytest.mark.usefixtures("lists")
class TestAWord:
    def test_is_added_at_the_end_of_its_list(self, work: Working, reading: Reads) -> None:
        with work() as unit:
            assert services.add(unit, kind=TagKind.SKILL, name=" Minute taking ").slug == "minute-taking"
        with reading() as read:
            assert queries.offered(read, TagKind.SKILL)[TagKind.SKILL][-1].name == "Minute taking"

    def test_may_be_called_as_one_of_another_list(self, work: Working) -> None:
        with work() as unit:
            assert services.add(unit, kind=TagKind.SKILL, name="Housing").slug == "housing-skill"
        with work() as unit:
            assert services.add(unit, kind=TagKind.SKILL, name="Housing!").slug == "housing-skill-2"

    @pytest.mark.parametrize("name", ["", "  ", "x" * 81, "…", "hoUsing"])
    def test_is_refused_when_it_is_none_too_long_or_there(self, work: Working, name: str) -> None:
        with pytest.raises(Refusal) as refused, work() as unit:
            services.add(unit, kind=TagKind.THEME, name=name)
        assert refused.value.field == "name"

    def test_is_renamed_and_keeps_its_address(self, work: Working) -> None:
        with work() as unit:
            tag = services.rename(unit, slug="housing", name="housing")
            assert (tag.slug, tag.name) == ("housing", "housing")
        with pytest.raises(Refusal), work() as unit:
            services.rename(unit, slug="housing", name="Income")
        with pytest.raises(NotFound), work() as unit:
            services.rename(unit, slug="nowhere", name="Somewhere")

    def test_is_offered_no_more_and_again(self, work: Working, reading: Reads) -> None:
        def offered(*kept: int) -> set[str]:
            with reading() as read:
                return {tag.slug for tag in queries.offered(read, TagKind.THEME, kept=kept)[TagKind.THEME]}

        with work() as unit:
            income = services.retire(unit, slug="income").id
        assert "income" not in offered()
        assert "income" in offered(income)
        with work() as unit:
            with pytest.raises(Refusal):
                services.chosen(unit, [income])
            assert services.chosen(unit, [income], kept=frozenset({income})) == {income}
        with work() as unit:
            services.offer_again(unit, slug="income")
        assert "income" in offered()

    def test_is_one_of_so_many(self, work: Working, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(services, "MOST", 3)
        with pytest.raises(Refusal, match="at most"), work() as unit:
            services.add(unit, kind=TagKind.LEVEL, name="Street")


def test_none_that_is_unknown_can_be_given(work: Working) -> None:
    with pytest.raises(Refusal), work() as unit:
        services.chosen(unit, [4711])
