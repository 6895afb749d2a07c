"""Who sees what of which application: without names for reviewers, and nothing at all where there is a conflict."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from cop.core.access import Role
from cop.core.errors import NotFound
from cop.models.accounts import Affiliation, Person, Sector
from cop.models.cohorts import ApplicationState, DecisionOutcome
from cop.models.events import Event
from cop.models.offers import OfferState
from cop.queries.cohorts import panel as queries
from cop.queries.cohorts import selection as chosen
from cop.queries.cohorts.panel import Hidden, Pile
from cop.queries.cohorts.selection import Attribute, Order, Selection
from cop.services.cohorts import reviews
from tests.support import panel
from tests.support.make import Make, Reads, Working
from tests.support.queries import count_queries


@pytest.fixture
def course(make: Make) -> Event:
    return panel.course(make)


@pytest.fixture
def pile_of(make: Make, reading: Reads, course: Event) -> Callable[[Person], Pile]:
    def look(who: Person) -> Pile:
        with reading(make.actor(who)) as read:
            return queries.pile(read, queries.course_of_panel(read, slug=course.slug))

    return look


Piles = Callable[[Person], Pile]


@pytest.fixture
def selection_of(make: Make, reading: Reads, course: Event) -> Callable[..., Selection]:
    def look(who: Person, order: Order = Order.NUMBER) -> Selection:
        with reading(make.actor(who)) as read:
            return chosen.selection(read, queries.course_of_chair(read, slug=course.slug), order=order)

    return look


Selections = Callable[..., Selection]


def affiliate(work: Working, person: Person, **columns: object) -> None:
    with work() as opened:
        opened.session.add(
            Affiliation(person_id=person.id, **{"from_on": opened.now.date(), "is_primary": False, **columns})
        )


class TestAPile:
    def test_lists_what_was_submitted_with_ones_own_reviews(self, make: Make, course: Event, pile_of: Piles) -> None:
        panel.applications(make, course, 3)
        panel.application(make, course, state=ApplicationState.WITHDRAWN)
        rhona, other = panel.reviewer(make), panel.reviewer(make, "Other")
        panel.review(make, rhona, course, 1, 4)
        panel.review(make, rhona, course, 2, submit=False)
        panel.review(make, other, course, 3)
        found = pile_of(rhona)
        assert [(item.number, item.state, item.total) for item in found.items] == [
            (1, "submitted", 4.0),
            (2, "draft", None),
            (3, None, None),
        ]
        assert (found.done, found.next_after(), found.next_after(2), found.next_after(3)) == (1, 2, 3, 2)

    def test_tells_of_one_page_and_counts_all(self, make: Make, course: Event, reading: Reads) -> None:
        panel.applications(make, course, 5)
        rhona = panel.reviewer(make)
        panel.review(make, rhona, course, 1)
        with reading(make.actor(rhona)) as read:
            found = queries.pile(read, queries.course_of_panel(read, slug=course.slug), offset=2, limit=2)
        assert [item.number for item in found.items] == [3, 4, 5]
        assert (found.size, found.done, found.next_after()) == (5, 1, 2)

    def test_is_done_at_last(self, make: Make, course: Event, pile_of: Piles) -> None:
        panel.applications(make, course, 1)
        rhona = panel.reviewer(make)
        panel.review(make, rhona, course, 1)
        assert pile_of(rhona).next_after() is None

    def test_takes_one_statement_however_long_it_is(self, make: Make, course: Event, reading: Reads) -> None:
        rhona = panel.reviewer(make)
        counts = []
        for more in (1, 2):
            panel.applications(make, course, more)
            with reading(make.actor(rhona)) as read:
                cohort = queries.course_of_panel(read, slug=course.slug)
                with count_queries() as statements:
                    queries.pile(read, cohort)
            counts.append(len(statements))
        assert counts == [1, 1]


class TestAConflict:
    def test_with_the_organisation_on_the_day_of_applying(
        self, make: Make, work: Working, course: Event, pile_of: Piles
    ) -> None:
        council = make.organisation()
        left = panel.application(make, course, organisation=council).person
        with work() as opened:
            opened.session.query(Affiliation).filter_by(person_id=left.id).update({"to_on": opened.now.date()})
        assert pile_of(panel.reviewer(make, organisation=council)).hidden == {Hidden.ORGANISATION: 1}

    def test_with_the_organisation_that_the_applicant_went_to_later(
        self, make: Make, work: Working, course: Event, pile_of: Piles
    ) -> None:
        council, person = make.organisation(), make.person(email="moved@council.example")
        panel.application(make, course, person=person)
        affiliate(work, person, organisation_id=council.id, is_primary=True)
        assert pile_of(panel.reviewer(make, organisation=council)).hidden == {Hidden.ORGANISATION: 1}

    def test_with_any_live_affiliation_of_the_reviewer(
        self, make: Make, work: Working, course: Event, pile_of: Piles
    ) -> None:
        council, former = make.organisation(), make.organisation()
        panel.application(make, course, organisation=council)
        panel.application(make, course, "Ben", organisation=former)
        rhona = panel.reviewer(make, organisation=make.organisation())
        affiliate(work, rhona, organisation_id=council.id)
        with work() as opened:
            affiliate_ended = Affiliation(
                person_id=rhona.id,
                organisation_id=former.id,
                from_on=opened.now.date(),
                to_on=opened.now.date(),
                is_primary=False,
            )
            opened.session.add(affiliate_ended)
        found = pile_of(rhona)
        assert (found.hidden, [item.number for item in found.items]) == ({Hidden.ORGANISATION: 1}, [2])

    def test_with_an_organisation_that_both_typed(
        self, make: Make, work: Working, course: Event, pile_of: Piles
    ) -> None:
        person = make.person(email="typed@council.example")
        panel.application(make, course, person=person)
        affiliate(work, person, organisation_text="Damp Action ", is_primary=True)
        rhona = panel.reviewer(make)
        affiliate(work, rhona, organisation_text="damp action", is_primary=True)
        assert pile_of(rhona).hidden == {Hidden.ORGANISATION: 1}

    def test_with_oneself_and_with_all_others_while_one_applies(
        self, make: Make, course: Event, pile_of: Piles
    ) -> None:
        rhona = panel.reviewer(make)
        panel.application(make, course, person=rhona)
        panel.application(make, course, "Ben")
        assert pile_of(rhona).hidden == {Hidden.OWN: 1, Hidden.APPLICANT: 1}
        assert pile_of(rhona).items == []

    def test_ends_with_the_withdrawal_of_ones_own(self, make: Make, course: Event, pile_of: Piles) -> None:
        rhona = panel.reviewer(make)
        panel.application(make, course, person=rhona, state=ApplicationState.WITHDRAWN)
        panel.application(make, course, "Ben")
        assert pile_of(rhona).hidden == {}

    def test_is_none_between_people_without_organisations(
        self, make: Make, work: Working, course: Event, pile_of: Piles
    ) -> None:
        panel.application(make, course, sector=Sector.RESIDENT)
        rhona = panel.reviewer(make, sector=Sector.RESIDENT)
        assert pile_of(rhona).hidden == {}

    def test_hides_the_application_in_every_read(
        self, make: Make, course: Event, reading: Reads, selection_of: Selections
    ) -> None:
        council = make.organisation("Hidden Council")
        panel.application(make, course, "Secret Applicant", organisation=council, challenge="A secret challenge")
        both = panel.chair(make, organisation=council)
        make.grant(both, Role.REVIEWER, programme=make.programme())
        found = selection_of(both)
        assert (found.candidates, found.hidden, found.submitted) == ([], {Hidden.ORGANISATION: 1}, 1)
        with reading(make.actor(both)) as read:
            cohort = queries.course_of_chair(read, slug=course.slug)
            assert not queries.may_see(read, cohort, number=1)
            with pytest.raises(NotFound):
                queries.application_to_review(read, cohort, number=1)
            with pytest.raises(NotFound):
                chosen.application_whole(read, cohort, number=1)


class TestABlindApplication:
    def test_has_answers_and_a_sector_and_nothing_of_the_person(
        self, make: Make, course: Event, reading: Reads
    ) -> None:
        panel.application(make, course, "Amina Yusuf", organisation=make.organisation("Amina’s Council"))
        with reading(make.actor(panel.reviewer(make))) as read:
            found = queries.application_to_review(read, queries.course_of_panel(read, slug=course.slug), number=1)
        assert found.sector is Sector.RESIDENT
        assert [words for part in found.answered for _item, words in part.answers] == ["Damp flats and asthma"]
        assert "Amina" not in repr(found)

    def test_is_not_for_a_chair_or_a_stranger(self, make: Make, course: Event, reading: Reads) -> None:
        panel.application(make, course)
        with reading(make.actor(panel.chair(make))) as read:
            cohort = queries.course_of_panel(read, slug=course.slug)
            with pytest.raises(NotFound):
                queries.application_to_review(read, cohort, number=1)
            with pytest.raises(NotFound):
                queries.pile(read, cohort)
        with reading(make.actor(make.account())) as read, pytest.raises(NotFound):
            queries.course_of_panel(read, slug=course.slug)

    def test_is_not_there_for_a_course_of_another_kind(self, make: Make, reading: Reads) -> None:
        visit = make.visit()
        with reading(make.actor(make.admin())) as read, pytest.raises(NotFound):
            queries.course_of_panel(read, slug=visit.slug)


class TestTheSelection:
    def test_shows_scores_beside_who_applied(
        self, make: Make, work: Working, course: Event, selection_of: Selections
    ) -> None:
        council = make.organisation("Leeds City Council", region="Yorkshire and The Humber")
        panel.application(make, course, "Amina", organisation=council, sector=Sector.COUNCILLOR, newer_member=True)
        for name, score in (("One", 2), ("Two", 5)):
            panel.review(make, panel.reviewer(make, name), course, 1, score)
        panel.review(make, panel.reviewer(make, "Three"), course, 1, submit=False)
        femi = panel.chair(make)
        panel.moderate(make, femi, course, 1, 4.5)
        panel.moderate(make, femi, course, 1, None)
        (item,) = selection_of(femi).candidates
        assert (item.name, item.organisation, item.region) == ("Amina", council.name, council.region)
        assert (item.sector, item.newer_member) == (Sector.COUNCILLOR, True)
        assert (item.reviews, item.mean, item.spread, item.moderated, item.score) == (2, 3.5, 3.0, 4.5, 4.5)

    def test_counts_no_review_of_somebody_who_said_they_should_not_judge(
        self, make: Make, work: Working, course: Event, selection_of: Selections
    ) -> None:
        panel.application(make, course)
        rhona = panel.reviewer(make)
        panel.review(make, rhona, course, 1, 5)
        panel.review(make, panel.reviewer(make, "Other"), course, 1, 2)
        with work(make.actor(rhona)) as opened:
            reviews.declare_conflict(opened, cohort_id=course.id, number=1, reason="A friend")
        femi = panel.chair(make)
        (item,) = selection_of(femi).candidates
        assert (item.reviews, item.mean) == (1, 2.0)

    def test_is_sorted_by_number_score_or_outcome(self, make: Make, course: Event, selection_of: Selections) -> None:
        panel.applications(make, course, 5)
        rhona = panel.reviewer(make)
        for number, score in ((1, 2), (2, 5), (3, 3)):
            panel.review(make, rhona, course, number, score)
        femi = panel.chair(make)
        panel.moderate(make, femi, course, 5, 4.0)
        panel.decide(make, femi, course, "drr-o")
        numbers = {order: [item.number for item in selection_of(femi, order).candidates] for order in Order}
        assert numbers == {
            Order.NUMBER: [1, 2, 3, 4, 5],
            Order.MEAN: [2, 5, 3, 1, 4],
            Order.OUTCOME: [5, 2, 3, 1, 4],
        }

    def test_weighs_the_mix_of_the_chosen_against_targets(self, make: Make, reading: Reads) -> None:
        course = panel.course(
            make,
            "Another",
            slug="another",
            targets=[
                {"attribute": "sector", "value": "resident", "minimum": 2, "maximum": 5},
                {"attribute": "sector", "value": "health", "minimum": None, "maximum": 0},
                {"attribute": "newer_member", "value": "yes", "minimum": 1, "maximum": None},
            ],
        )
        for sector in (Sector.RESIDENT, Sector.RESIDENT, Sector.HEALTH, Sector.VCSE):
            panel.application(make, course, f"A {sector}", sector=sector, newer_member=sector is Sector.VCSE)
        femi = panel.chair(make)
        panel.decide(make, femi, course, "o-o-")
        with reading(make.actor(femi)) as read:
            found = chosen.selection(read, queries.course_of_chair(read, slug=course.slug))
        shares = {(share.value): share for share in found.mix[Attribute.SECTOR]}
        assert list(shares) == ["resident", "health", "VCSE"]
        assert (shares["resident"].chosen, shares["resident"].applied, shares["resident"].missing) == (1, 2, 1)
        assert (shares["health"].too_many, shares["health"].missing) == (1, 0)
        newer = found.mix[Attribute.NEWER_MEMBER]
        assert [(share.value, share.applied, share.chosen, share.missing) for share in newer] == [
            ("yes", 1, 0, 1),
            ("no", 3, 2, 0),
        ]
        assert [(share.value, share.applied) for share in found.mix[Attribute.REGION]] == [("", 4)]

    def test_counts_those_with_a_place_after_the_release(
        self, make: Make, work: Working, course: Event, selection_of: Selections
    ) -> None:
        first, second = panel.offered(make, course, "ood")
        panel.accept(make, first)
        panel.decline(make, second)
        found = selection_of(make.admin())
        assert [(item.offer, item.booked, item.holds) for item in found.candidates] == [
            (OfferState.ACCEPTED, True, True),
            (OfferState.DECLINED, False, False),
            (None, False, False),
        ]
        assert sum(share.chosen for share in found.mix[Attribute.SECTOR]) == 1
        assert (found.places, found.free) == (15, 14)

    def test_counts_what_may_not_be_seen_and_says_no_more_of_it(
        self, make: Make, course: Event, selection_of: Selections
    ) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.application(make, course, "Ben", organisation=council)
        panel.application(make, course, "Cleo")
        panel.decide(make, panel.chair(make), course, "o-r")
        found = selection_of(panel.chair(make, "Colleague", organisation=council))
        assert [item.number for item in found.candidates] == [3]
        assert (found.hidden, found.hidden_undecided) == ({Hidden.ORGANISATION: 2}, 1)
        assert found.outcomes == {DecisionOutcome.OFFER: 1, None: 1, DecisionOutcome.RESERVE: 1}
        assert not found.is_ahead_hidden

    def test_tells_when_the_first_reserve_is_hidden(self, make: Make, course: Event, selection_of: Selections) -> None:
        council = make.organisation()
        panel.application(make, course, organisation=council)
        panel.application(make, course, "Ben")
        panel.decide(make, panel.chair(make), course, "rr")
        assert selection_of(panel.chair(make, "Colleague", organisation=council)).is_ahead_hidden

    def test_takes_one_statement_however_many_there_are(self, make: Make, course: Event, reading: Reads) -> None:
        femi, counts = panel.chair(make), []
        for more in (1, 2):
            panel.applications(make, course, more)
            with reading(make.actor(femi)) as read:
                cohort = queries.course_of_chair(read, slug=course.slug)
                with count_queries() as statements:
                    chosen.selection(read, cohort)
            counts.append(len(statements))
        assert counts == [1, 1]

    def test_is_for_the_chair_of_this_course(self, make: Make, course: Event, reading: Reads) -> None:
        other = panel.course(make, "Another", slug="another")
        for who in (panel.reviewer(make), panel.chair(make, event=other)):
            with reading(make.actor(who)) as read, pytest.raises(NotFound):
                queries.course_of_chair(read, slug=course.slug)
        with reading(make.actor(panel.reviewer(make))) as read:
            cohort = queries.course_of_panel(read, slug=course.slug)
            with pytest.raises(NotFound):
                chosen.selection(read, cohort)
            with pytest.raises(NotFound):
                chosen.application_whole(read, cohort, number=1)


def test_a_whole_application_has_reviews_with_reasons_and_the_record(make: Make, course: Event, reading: Reads) -> None:
    panel.application(make, course, "Amina")
    panel.review(make, panel.reviewer(make, "Rhona"), course, 1, 4)
    femi = panel.chair(make, "Femi")
    panel.moderate(make, femi, course, 1, 3.5)
    panel.decide(make, femi, course, "o")
    panel.release(make, femi, course)
    with reading(make.actor(femi)) as read:
        found = chosen.application_whole(read, queries.course_of_chair(read, slug=course.slug), number=1)
    assert found.candidate.name == "Amina"
    assert [(one.reviewer, one.total, one.scores["c1"]["reason"]) for one in found.reviews] == [
        ("Rhona", 4.0, "It says so.")
    ]
    assert [(one.by, one.score) for one in found.record] == [("Femi", 3.5)]
    assert [offer.state for offer in found.offers] == [OfferState.OPEN]


def test_a_call_without_a_close_is_never_over(make: Make, work: Working) -> None:
    course = panel.course(make, "Open", slug="open", closes_in=timedelta(days=1))
    with work() as opened:
        assert not queries.call_is_over(course, opened.now)
        course.closes_at = None
        assert not queries.call_is_over(course, opened.now)
