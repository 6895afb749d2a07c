"""Erasing: who may, what is called off first, what is chosen, and that nobody is written to afterwards."""

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cop.core.access import VISITOR, Actor, Role
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Account, Person, RoleGrant
from cop.models.audit import Audit, PersonKey
from cop.models.events import BookingState, Queue, Seat
from cop.models.forum import Post, PostVersion, Topic
from cop.models.outbox import Dropped, Outbox, OutboxState
from cop.models.privacy import Erasure, PrivacyRequest, RequestKind, RequestState
from cop.models.waiting import WaitingState
from cop.queries import people, reach
from cop.queries.privacy import effects, holdings
from cop.queries.privacy.plan import FORMER_NAME
from cop.queries.soundness import unsound
from cop.services import accounts, erasing, outbox, requests
from cop.services import forum as forums
from cop.services.erasing import LAST_DAYS, Posts
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.waiting import Line

Posted = Callable[..., Sequence[Outbox]]

NAME, EMAIL = "Edda Erased", "edda@council.example"


@pytest.fixture
def edda(make: Make) -> Person:
    return make.account(NAME, EMAIL, phone="07700 900463", needs="A ramp")


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


def erase(make: Make, work: Working, person: Person, posts: Posts = Posts.KEEP) -> None:
    with work(make.actor(person)) as own:
        erasing.erase_oneself(own, posts=posts)


def found(reading: Reads, person: Person) -> Person:
    with reading() as read:
        return read.session.get_one(Person, person.id)


class TestWhoMay:
    def test_the_record_says_nothing_afterwards_and_the_account_is_gone(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        erase(make, work, edda)
        left = found(reading, edda)
        assert (left.name, left.email, left.phone, left.needs) == (FORMER_NAME, None, None, None)
        assert left.erased_at is not None
        with reading() as read:
            assert read.session.get(Account, edda.id) is None
            kept = read.session.get_one(Erasure, edda.id)
        assert (kept.by_person_id, kept.request_id) == (edda.id, None)

    def test_staff_cannot_before_their_roles_end(self, make: Make, work: Working, reading: Reads) -> None:
        admin = make.admin()
        with pytest.raises(Refusal, match="Roles are ended first"):
            erase(make, work, admin)
        with reading(make.actor(admin)) as read:
            assert effects.own(read).stops == [Role.ADMIN]
        assert found(reading, admin).erased_at is None
        with work() as ending:
            ending.session.execute(update(RoleGrant).values(revoked_at=ending.now))
        erase(make, work, admin)
        assert found(reading, admin).erased_at is not None

    def test_who_leads_an_organisation_leads_it_no_longer(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        make.grant(edda, Role.LEAD, organisation=make.organisation())
        erase(make, work, edda)
        with reading() as read:
            assert read.session.scalars(select(RoleGrant.revoked_at)).one() is not None

    def test_an_admin_erases_somebody_who_asked_and_the_request_is_answered(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        with work(make.actor(edda)) as own:
            asked = requests.ask(own, kind=RequestKind.ERASURE, asked_for=f"Please erase {NAME}").id
            other = requests.ask(own, kind=RequestKind.ACCESS, asked_for=f"What have you of {NAME}?").id
        admin = make.admin()
        with work(make.actor(admin)) as desk:
            erasing.erase_person(desk, public_id=edda.public_id, posts=Posts.DELETE)
        with reading() as read:
            kept = read.session.get_one(Erasure, edda.id)
            states = {one.id: (one.state, one.asked_for) for one in read.session.scalars(select(PrivacyRequest))}
        assert (kept.by_person_id, kept.request_id) == (admin.id, asked)
        assert states == {asked: (RequestState.ANSWERED, ""), other: (RequestState.WITHDRAWN, "")}

    def test_nobody_else_may(self, make: Make, work: Working, edda: Person) -> None:
        stranger, facilitator = make.account(), make.account()
        make.grant(facilitator, Role.FACILITATOR, programme=make.programme())
        for actor in (VISITOR, make.actor(stranger), make.actor(facilitator), Actor(edda.id, via="link")):
            with pytest.raises(NotFound), work(actor) as unit:
                erasing.erase_person(unit, public_id=edda.public_id, posts=Posts.KEEP)
        for actor in (VISITOR, Actor(edda.id, via="link")):
            with pytest.raises(NotFound), work(actor) as unit:
                erasing.erase_oneself(unit, posts=Posts.KEEP)

    def test_an_admin_erases_themselves_from_their_own_account_alone(self, make: Make, work: Working) -> None:
        admin = make.admin()
        with pytest.raises(Refusal), work(make.actor(admin)) as desk:
            erasing.erase_person(desk, public_id=admin.public_id, posts=Posts.KEEP)

    def test_twice_is_not_found_and_so_is_every_page_about_them(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        erase(make, work, edda)
        admin = make.actor(make.admin())
        with pytest.raises(NotFound), work(admin) as desk:
            erasing.erase_person(desk, public_id=edda.public_id, posts=Posts.KEEP)
        with reading(admin) as read:
            assert NAME not in [one.name for one in people.listed(read)]
            assert FORMER_NAME not in [one.name for one in people.listed(read)]
            with pytest.raises(NotFound):
                holdings.by_public_id(read, public_id=edda.public_id)

    def test_the_same_address_begins_anew(self, make: Make, work: Working, reading: Reads, edda: Person) -> None:
        erase(make, work, edda)
        with work() as unit:
            person, is_new = accounts.person_with_email(unit, email=EMAIL)
            assert is_new
            assert person.id != edda.id


class TestCallingOff:
    def test_the_place_goes_to_whoever_waits(
        self, app: Flask, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        visit = make.visit(slots=1, capacity=1, queue=Queue.STRICT)
        held = make.booking(edda, visit)
        line, wanting = Line(app, make, visit), make.account("Wanda Waits")
        line.join(wanting)
        with reading(make.actor(edda)) as read:
            assert effects.own(read).coming == [visit.title]
        erase(make, work, edda)
        assert line.offer_of(wanting).person_id == wanting.id
        with reading() as read:
            assert read.session.get_one(type(held), held.id).state is BookingState.CANCELLED
            assert unsound(read) == []

    def test_they_wait_no_longer(self, app: Flask, make: Make, work: Working, edda: Person) -> None:
        visit = make.visit(slots=1, capacity=1, queue=Queue.STRICT)
        make.booking(make.account(), visit)
        line = Line(app, make, visit)
        line.join(edda)
        erase(make, work, edda)
        assert line.states() == [(FORMER_NAME, WaitingState.LEFT)]

    def test_what_is_over_stays_counted_without_a_name(
        self, make: Make, work: Working, reading: Reads, clock: FixedClock, edda: Person
    ) -> None:
        visit = make.visit(slots=1)
        held = make.booking(edda, visit, party_size=2, names=["Nora Neighbour"])
        clock.move(timedelta(days=30))
        erase(make, work, edda)
        with reading() as read:
            assert read.session.get_one(type(held), held.id).state is BookingState.LIVE
            assert read.session.scalars(select(Seat.name)).all() == [None, None]


class TestPosts:
    @pytest.fixture
    def topic(self, make: Make, work: Working, forum: MakeForum) -> Topic:
        """One that Edda began and edited, in which somebody else answered."""
        space = forum.space()
        edda, other = forum.alumna(NAME, email=EMAIL), forum.alumna("Olu Other")
        topic = forum.topic(edda, space)
        with work(make.actor(edda)) as own:
            first = own.session.scalars(select(Post).where(Post.topic_id == topic.id)).one()
            forums.edit_post(own, post_id=first.id, body="What Edda says now", revision=first.revision)
        forum.reply(other, topic, "What Olu says")
        return topic

    def author(self, reading: Reads) -> Person:
        with reading() as read:
            return read.session.scalars(select(Person).where(Person.email == EMAIL)).one()

    def test_kept_posts_stand_under_former_member(
        self, make: Make, work: Working, reading: Reads, topic: Topic
    ) -> None:
        erase(make, work, self.author(reading))
        with reading() as read:
            bodies = read.session.scalars(select(Post.body).order_by(Post.number)).all()
            assert bodies == ["What Edda says now", "What Olu says"]
            assert read.session.get_one(Topic, topic.id).title == topic.title
            assert read.session.scalars(select(PostVersion)).all() == []

    def test_deleted_words_go_and_the_answers_of_others_stay(
        self, make: Make, work: Working, reading: Reads, topic: Topic
    ) -> None:
        erase(make, work, self.author(reading), Posts.DELETE)
        with reading() as read:
            first, second = read.session.scalars(select(Post).order_by(Post.number)).all()
            left = read.session.get_one(Topic, topic.id)
        assert (first.body, first.html, first.deleted_at is None) == ("", "", False)
        assert second.body == "What Olu says"
        assert left.title != topic.title
        assert left.hidden_at is None

    def test_a_topic_that_nobody_answered_goes_with_its_words(
        self, make: Make, work: Working, reading: Reads, forum: MakeForum
    ) -> None:
        edda = forum.alumna(NAME, email=EMAIL)
        topic = forum.topic(edda, forum.space())
        erase(make, work, edda, Posts.DELETE)
        with reading() as read:
            assert read.session.get_one(Topic, topic.id).hidden_at is not None


class TestAfterwards:
    def test_only_the_last_message_goes_out_and_its_address_with_it(
        self, make: Make, work: Working, reading: Reads, edda: Person, clock: FixedClock
    ) -> None:
        make.booking(edda, make.visit())
        erase(make, work, edda)
        with reading() as read:
            left = read.session.scalars(select(Outbox)).all()
        assert [(row.address, row.template) for row in left] == [(EMAIL, "erased")]
        with work() as tidy:
            assert erasing.forget_last_messages(tidy) == 0
        clock.move(LAST_DAYS + timedelta(hours=1))
        with work() as tidy:
            assert erasing.forget_last_messages(tidy) == 1

    def test_nobody_writes_to_them_or_telephones(self, make: Make, work: Working, reading: Reads, edda: Person) -> None:
        erase(make, work, edda)
        with work() as unit:
            gone = unit.session.get_one(Person, edda.id)
            assert reach.way(unit, gone, "booking_confirmed").dropped is Dropped.UNREACHABLE
            outbox.post(unit, key="late", to=gone, template="booking_confirmed", booking_id=1)
        with reading() as read:
            assert read.session.scalars(select(Outbox.state).where(Outbox.key == "late")).one() is OutboxState.DROPPED

    def test_what_the_audit_says_of_them_can_be_read_by_nobody(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        with work(make.actor(make.admin())) as desk:
            desk.because(f"{NAME} married")
            desk.session.get_one(Person, edda.id).name = f"{NAME}-Elder"
        with work() as back:
            back.session.get_one(Person, edda.id).name = NAME
        erase(make, work, edda)
        with work() as later:
            later.session.get_one(Person, edda.id).name = "Somebody"
        with reading() as read:
            key = read.session.get_one(PersonKey, edda.id)
            lines = read.session.scalars(select(Audit).where(Audit.about_person_id == edda.id)).all()
        assert (key.key, key.forgotten_at is None) == (None, False)
        assert len(lines) >= 3
        assert not [line for line in lines if NAME in line.reason]
        assert lines[-1].values is None
        assert lines[-1].fields == ["name"]

    def test_a_key_is_destroyed_even_where_none_was_made(
        self, make: Make, work: Working, reading: Reads, edda: Person
    ) -> None:
        erase(make, work, edda)
        with reading() as read:
            assert read.session.get_one(PersonKey, edda.id).key is None
            assert not read.session.scalars(
                select(Audit.values).where(Audit.about_person_id == edda.id, Audit.values.is_not(None))
            ).all()
