"""Standing in the directory of members: by consent, with what one wants to show, for members alone."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cop.core.access import Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Affiliation, Person
from cop.models.members import ABOUT_MOST, TAGS_MOST, Leaning, Profile, ProfileTag
from cop.models.regions import Region
from cop.models.tags import Tag
from cop.models.telling import Consent, How, Purpose
from cop.queries import members as queries
from cop.queries.consents import WORDING
from cop.queries.members import Wanted
from cop.services import consents, tags
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.members import Directory
from tests.support.queries import count_queries


@pytest.fixture
def directory(app: Flask, make: Make) -> Directory:
    return Directory(app, make)


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Ashdown", organisation=make.organisation("Brent Council", region="London"))


@pytest.fixture
def ben(make: Make) -> Person:
    return make.account("Ben Birkett", organisation=make.organisation("Oldham Council", region="North West"))


def seen(reading: Reads, make: Make, person: Person, **wanted: object) -> list[str]:
    """The names that somebody sees, and the number that the page says agrees with them."""
    with reading(make.actor(person)) as read:
        asked = Wanted(**wanted)  # type: ignore[arg-type]  # any of its fields
        names = [found.name for found in queries.listed(read, asked)]
        assert queries.count(read, asked) == len(names)
    return names


class TestWhoLooks:
    def test_the_people_of_members_alumni_and_facilitators(
        self, make: Make, forum: MakeForum, directory: Directory, reading: Reads, amina: Person
    ) -> None:
        directory.join(amina)
        facilitator = make.account("Femi Facilitator")
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        alumna = forum.alumna("Alma Alumna")
        for person in (amina, facilitator, alumna, make.admin()):
            assert seen(reading, make, person) == ["Amina Ashdown"]

    @pytest.mark.parametrize("role", [Role.EVALUATOR, Role.HOST, Role.REVIEWER])
    def test_nobody_else_whatever_their_role(
        self, make: Make, directory: Directory, reading: Reads, amina: Person, role: Role
    ) -> None:
        directory.join(amina)
        outside = make.organisation("A partner", membership=None)
        stranger = make.account("Stan Stranger", organisation=outside)
        make.grant(stranger, role, programme=make.programme())
        for actor in (make.actor(stranger), Actor(), Actor(amina.id, via="link")):
            with reading(actor) as read:
                for look in (
                    lambda: queries.listed(read, Wanted()),
                    lambda: queries.member(read, public_id=amina.public_id),
                    lambda: queries.own(read),
                ):
                    with pytest.raises(NotFound):
                        look()
                assert queries.helpers(read, topic_tags=[1], leaning=Leaning.OFFERS, but=0) == []

    def test_who_is_no_member_cannot_join(self, make: Make, directory: Directory) -> None:
        with pytest.raises(NotFound):
            directory.join(make.account("Stan Stranger"))


class TestWhoIsListed:
    def test_nobody_who_did_not_agree(self, make: Make, reading: Reads, amina: Person, ben: Person) -> None:
        assert seen(reading, make, ben) == []
        with reading(make.actor(ben)) as read, pytest.raises(NotFound):
            queries.member(read, public_id=amina.public_id)

    def test_a_consent_alone_shows_nobody_before_they_said_what_is_shown(
        self, make: Make, reading: Reads, work: Working, amina: Person, ben: Person
    ) -> None:
        with work(make.actor(amina)) as unit:
            consents.give(unit, purpose=Purpose.DIRECTORY)
        assert seen(reading, make, ben) == []

    def test_joining_is_a_consent_in_the_words_of_the_page(
        self, directory: Directory, reading: Reads, amina: Person
    ) -> None:
        directory.join(amina)
        with reading() as read:
            found = read.session.scalars(select(Consent)).one()
        assert (found.person_id, found.purpose) == (amina.id, Purpose.DIRECTORY)
        assert (found.wording, found.how) == (WORDING[Purpose.DIRECTORY], How.FORM)

    def test_an_older_consent_is_given_anew_in_the_words_of_today(
        self, make: Make, directory: Directory, work: Working, reading: Reads, amina: Person
    ) -> None:
        with work(make.actor(amina)) as unit:
            consents.give(unit, purpose=Purpose.DIRECTORY)
        with work() as unit:
            unit.session.execute(update(Consent).values(wording="Words of long ago"))
        directory.join(amina)
        with reading() as read:
            found = read.session.scalars(select(Consent).order_by(Consent.id)).all()
        assert [(one.wording, one.withdrawn_at is None) for one in found] == [
            ("Words of long ago", False),
            (WORDING[Purpose.DIRECTORY], True),
        ]

    @pytest.mark.parametrize("way", ["directory", "account"])
    def test_who_leaves_is_gone_at_once_with_all_that_they_showed(
        self,
        make: Make,
        directory: Directory,
        work: Working,
        reading: Reads,
        amina: Person,
        ben: Person,
        way: str,
    ) -> None:
        directory.join(amina, about="Ask me about damp", offers=["Housing"])
        assert seen(reading, make, ben) == ["Amina Ashdown"]
        if way == "directory":
            directory.leave(amina)
        else:
            with work(make.actor(amina)) as unit:
                consents.withdraw(unit, purpose=Purpose.DIRECTORY)
        assert seen(reading, make, ben) == []
        with reading() as read:
            assert read.session.scalar(select(func.count()).select_from(Profile)) == 0
            assert read.session.scalar(select(func.count()).select_from(ProfileTag)) == 0

    def test_who_leaves_their_organisation_is_listed_no_more(
        self, make: Make, directory: Directory, work: Working, reading: Reads, amina: Person, ben: Person
    ) -> None:
        directory.join(amina)
        with work() as unit:
            unit.session.execute(
                update(Affiliation).where(Affiliation.person_id == amina.id).values(to_on=date(2026, 3, 1))
            )
        assert seen(reading, make, ben) == []

    def test_an_organisation_that_is_no_member_any_more_takes_its_people_along(
        self, make: Make, directory: Directory, work: Working, reading: Reads, amina: Person, ben: Person
    ) -> None:
        directory.join(amina)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            affiliation = unit.session.scalars(select(Affiliation).where(Affiliation.person_id == person.id)).one()
            organisation = unit.session.get_one(type(make.organisation()), affiliation.organisation_id)
            organisation.membership = None
        assert seen(reading, make, ben) == []


class TestWhatIsShown:
    def test_all_that_they_chose(self, make: Make, directory: Directory, reading: Reads, ben: Person) -> None:
        cara = make.account("Cara Cole")
        directory.works_as(cara, "Housing officer", make.organisation("Leeds Council"))
        directory.join(cara, about="Damp and mould", offers=["Housing", "Peer research"], seeks=["Writing bids"])
        with reading(make.actor(ben)) as read:
            found = queries.member(read, public_id=cara.public_id)
        assert (found.name, found.organisation, found.role) == ("Cara Cole", "Leeds Council", "Housing officer")
        assert (found.about, set(found.offers), list(found.seeks)) == (
            "Damp and mould",
            {"Housing", "Peer research"},
            ["Writing bids"],
        )

    def test_what_they_do_not_show_is_not_searched_or_filtered_either(
        self, make: Make, directory: Directory, reading: Reads, ben: Person
    ) -> None:
        leeds = make.organisation("Leeds Council", region="Yorkshire and The Humber")
        cara = make.account("Cara Cole")
        directory.works_as(cara, "Housing officer", leeds)
        directory.join(cara, shows_organisation=False, shows_role=False)
        with reading(make.actor(ben)) as read:
            found = queries.member(read, public_id=cara.public_id)
            assert queries.places(read) == []
        assert (found.organisation, found.organisation_slug, found.region, found.role) == (None, None, None, None)
        assert seen(reading, make, ben) == ["Cara Cole"]
        assert seen(reading, make, ben, words="Leeds") == []
        assert seen(reading, make, ben, words="officer") == []
        assert seen(reading, make, ben, organisation=leeds.slug) == []
        assert seen(reading, make, ben, region=Region("Yorkshire and The Humber")) == []

    def test_addresses_and_telephone_numbers_are_never_among_it(
        self, make: Make, directory: Directory, reading: Reads, ben: Person
    ) -> None:
        cara = make.account(
            "Cara Cole", "cara@council.example", phone="01632 960 123", organisation=make.organisation("Leeds Council")
        )
        directory.join(cara)
        with reading(make.actor(ben)) as read:
            found = repr(queries.member(read, public_id=cara.public_id))
        assert "cara@" not in found
        assert "960" not in found
        assert seen(reading, make, ben, words="cara@council.example") == []


class TestFinding:
    @pytest.fixture(autouse=True)
    def two(self, directory: Directory, amina: Person, ben: Person) -> None:
        directory.join(amina, about="Damp & mould, 100%", offers=["Housing", "Peer research"])
        directory.join(ben, seeks=["Housing"], offers=["Writing bids"])

    @pytest.mark.parametrize(
        ("wanted", "names"),
        [
            ({}, ["Amina Ashdown", "Ben Birkett"]),
            ({"words": "ami"}, ["Amina Ashdown"]),
            ({"words": "oldham"}, ["Ben Birkett"]),
            ({"words": "damp peer"}, ["Amina Ashdown"]),
            ({"words": "damp oldham"}, []),
            ({"words": "100%"}, ["Amina Ashdown"]),
            ({"words": "_"}, []),
            ({"words": "housing"}, ["Amina Ashdown", "Ben Birkett"]),
            ({"tag": "housing"}, ["Amina Ashdown"]),
            ({"tag": "no-such-word"}, []),
            ({"region": Region("London")}, ["Amina Ashdown"]),
            ({"region": Region("London"), "tag": "writing-bids"}, []),
        ],
    )
    def test_by_words_skills_themes_organisations_and_regions(
        self, make: Make, reading: Reads, amina: Person, wanted: dict[str, object], names: list[str]
    ) -> None:
        assert seen(reading, make, amina, **wanted) == names

    def test_organisations_that_are_shown_are_offered_as_a_filter(
        self, make: Make, reading: Reads, amina: Person
    ) -> None:
        with reading(make.actor(amina)) as read:
            found = queries.places(read)
        assert [name for _slug, name in found] == ["Brent Council", "Oldham Council"]
        assert seen(reading, make, amina, organisation=found[1][0]) == ["Ben Birkett"]
        assert seen(reading, make, amina, organisation="no-such-council") == []

    def test_a_list_takes_as_many_statements_for_many_as_for_few(
        self, make: Make, directory: Directory, reading: Reads, amina: Person
    ) -> None:
        def statements() -> int:
            with count_queries() as sent, reading(make.actor(amina)) as read:
                queries.listed(read, Wanted())
            return len(sent)

        few = statements()
        for number in range(6):
            person = make.account(f"Person {number}", organisation=make.organisation())
            directory.join(person, offers=["Housing", "Learning" if number % 2 else "Education"][:1])
        assert statements() == few

    def test_lists_are_cut_into_pages(self, make: Make, reading: Reads, amina: Person) -> None:
        with reading(make.actor(amina)) as read:
            first = queries.listed(read, Wanted(), offset=0, limit=1)
            second = queries.listed(read, Wanted(), offset=1, limit=1)
        assert [found.name for found in first] == ["Amina Ashdown", "Ben Birkett"]
        assert [found.name for found in second] == ["Ben Birkett"]


class TestChanging:
    def test_what_changed_in_another_window_is_not_overwritten(self, directory: Directory, amina: Person) -> None:
        directory.join(amina, about="First")
        directory.join(amina, about="Second", revision=1)
        with pytest.raises(Refusal, match="another window"):
            directory.join(amina, about="Third", revision=1)
        with pytest.raises(Refusal, match="another window"):
            directory.join(amina, about="Third", revision=0)

    def test_words_are_taken_out_and_added(self, directory: Directory, reading: Reads, amina: Person) -> None:
        directory.join(amina, offers=["Housing", "Peer research"])
        directory.join(amina, offers=["Peer research", "Writing bids"], revision=1)
        with reading() as read:
            chosen = select(Tag.name).join(ProfileTag, ProfileTag.tag_id == Tag.id)
            assert set(read.session.scalars(chosen)) == {"Peer research", "Writing bids"}

    def test_words_of_other_lists_are_refused_on_their_field(self, directory: Directory, amina: Person) -> None:
        with pytest.raises(Refusal) as refused:
            directory.join(amina, seeks=["Civic"])
        assert refused.value.field == "seeks"

    def test_retired_words_stay_and_are_not_given_anew(
        self, directory: Directory, work: Working, amina: Person, ben: Person
    ) -> None:
        directory.join(amina, offers=["Housing"])
        with work() as unit:
            tags.retire(unit, slug="housing")
        directory.join(amina, offers=["Housing"], revision=1)
        with pytest.raises(Refusal) as refused:
            directory.join(ben, offers=["Housing"])
        assert refused.value.field == "offers"

    def test_too_much_is_refused(self, directory: Directory, work: Working, reading: Reads, amina: Person) -> None:
        with pytest.raises(Refusal, match=str(ABOUT_MOST)):
            directory.join(amina, about="x" * (ABOUT_MOST + 1))
        directory.words()
        with reading() as read:
            found = select(Tag.name).where(Tag.kind.in_(queries.HELP_KINDS)).order_by(Tag.id).limit(TAGS_MOST + 1)
            names = list(read.session.scalars(found))
        with pytest.raises(Refusal) as refused:
            directory.join(amina, offers=names)
        assert refused.value.field == "offers"
        directory.join(amina, offers=names[:TAGS_MOST], about="x" * ABOUT_MOST)


class TestWhoCouldHelp:
    def test_those_who_offer_the_most_of_it_come_first_with_what_they_share(
        self, make: Make, directory: Directory, reading: Reads, amina: Person, ben: Person
    ) -> None:
        cara = make.account("Cara Cole", organisation=make.organisation())
        directory.join(amina, offers=["Housing"])
        directory.join(ben, offers=["Housing", "Peer research"], seeks=["Writing bids"])
        directory.join(cara, seeks=["Housing"])
        wanted = directory.words("Housing", "Peer research")
        with reading(make.actor(amina)) as read:
            found = queries.helpers(read, topic_tags=wanted, leaning=Leaning.OFFERS, but=cara.id)
            assert [(one.name, sorted(one.shared)) for one in found] == [
                ("Ben Birkett", ["Housing", "Peer research"]),
                ("Amina Ashdown", ["Housing"]),
            ]
            others = queries.helpers(read, topic_tags=wanted, leaning=Leaning.OFFERS, but=ben.id)
            assert [one.name for one in others] == ["Amina Ashdown"]
            looking = queries.helpers(read, topic_tags=wanted, leaning=Leaning.SEEKS, but=0)
            assert [one.name for one in looking] == ["Cara Cole"]
            assert queries.helpers(read, topic_tags=[], leaning=Leaning.OFFERS, but=0) == []
