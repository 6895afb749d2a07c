"""What somebody turned off is not sent, whether they did so before it was posted or after; the rest is."""

from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import select, update

from cop.core import secrecy
from cop.core.access import VISITOR
from cop.core.errors import NotFound
from cop.mail import MESSAGES
from cop.models.accounts import Person
from cop.models.events import Booking
from cop.models.outbox import TOPICS, MailTopic, Outbox, OutboxClass, OutboxState, Preference
from cop.queries import reach, subscriptions
from cop.services import outbox as promises
from cop.services import preferences
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working

Posted = Callable[..., Sequence[Outbox]]

ALL = list(MailTopic)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Yusuf", "amina@council.example")


@pytest.fixture
def held(make: Make, amina: Person) -> Booking:
    return make.booking(amina, make.visit())


def choose(work: Working, make: Make, person: Person, *topics: MailTopic) -> None:
    with work(make.actor(person)) as unit:
        preferences.choose(unit, wanted=topics)


def wanted(reading: Reads, make: Make, person: Person) -> list[MailTopic]:
    with reading(make.actor(person)) as read:
        return list(reach.wanted(read))


def remind(work: Working, to: Person, held: Booking, make: Make) -> None:
    part = make.event(held.event_id).parts[0]
    with work() as unit:
        promises.post(
            unit,
            key=f"reminder:{to.id}",
            to=to,
            template="reminder",
            booking_id=held.id,
            part_id=part.id,
            starts_at=part.starts_at.isoformat(),
        )


def test_whoever_has_said_nothing_gets_all(reading: Reads, make: Make, amina: Person) -> None:
    assert wanted(reading, make, amina) == ALL


def test_a_choice_is_kept_and_can_be_changed(work: Working, reading: Reads, make: Make, amina: Person) -> None:
    ben = make.account("Ben")
    for chosen in ([], [MailTopic.FORUM], ALL, [MailTopic.SURVEYS, MailTopic.REMINDERS]):
        choose(work, make, amina, *chosen)
        assert set(wanted(reading, make, amina)) == set(chosen)
    assert wanted(reading, make, ben) == ALL


def test_when_it_changed_is_kept(work: Working, reading: Reads, make: Make, amina: Person, clock: object) -> None:
    choose(work, make, amina, MailTopic.FORUM)
    with work() as unit:
        unit.session.execute(update(Preference).values(changed_at=unit.now.replace(year=2020)))
    choose(work, make, amina, MailTopic.FORUM, MailTopic.SURVEYS)
    with reading() as read:
        years = dict(read.session.execute(select(Preference.topic, Preference.changed_at)).all())
    assert {topic: at.year for topic, at in years.items()} == {
        "reminders": 2020,
        "surveys": 2026,
        "notes": 2020,
        "forum": 2020,
        "toolkit": 2020,
        "news": 2020,
    }


def test_nobody_chooses_for_nobody(work: Working, reading: Reads) -> None:
    with pytest.raises(NotFound), work(VISITOR) as unit:
        preferences.choose(unit, wanted=[])
    with pytest.raises(NotFound), reading(VISITOR) as read:
        reach.wanted(read)


class TestWhatIsTurnedOff:
    def test_before_it_is_posted_is_noted_and_not_sent(
        self, work: Working, make: Make, amina: Person, held: Booking, mailbox: Mailbox, outbox: Posted
    ) -> None:
        mailbox.deliver()
        choose(work, make, amina, MailTopic.FORUM)
        remind(work, amina, held, make)
        row = outbox("reminder")[0]
        assert (row.state, row.last_error) == (OutboxState.DROPPED, "turned off")
        assert mailbox.deliver() == []

    def test_after_it_was_posted_is_not_sent(
        self, work: Working, make: Make, amina: Person, held: Booking, mailbox: Mailbox, outbox: Posted
    ) -> None:
        remind(work, amina, held, make)
        choose(work, make, amina)
        assert [mail.subject.partition(":")[0] for mail in mailbox.deliver()] == ["Booked"]
        row = outbox("reminder")[0]
        assert (row.state, row.last_error) == (OutboxState.DROPPED, "turned off")

    def test_leaves_other_topics_and_other_people_alone(
        self, work: Working, make: Make, amina: Person, held: Booking, mailbox: Mailbox
    ) -> None:
        mailbox.deliver()
        choose(work, make, make.account("Ben"))
        choose(work, make, amina, MailTopic.REMINDERS)
        remind(work, amina, held, make)
        assert len(mailbox.deliver()) == 1

    def test_is_nothing_to_tell_either(self, work: Working, make: Make, amina: Person, outbox: Posted) -> None:
        choose(work, make, amina)
        with work() as unit:
            person = unit.session.get_one(Person, amina.id)
            person.email = None
            promises.post(unit, key="1", to=person, template="survey_invitation", ask_id=1)
        assert outbox()[0].state is OutboxState.DROPPED


def test_what_is_necessary_is_sent_to_whoever_turned_all_off(
    work: Working, make: Make, amina: Person, mailbox: Mailbox
) -> None:
    choose(work, make, amina)
    make.booking(amina, make.visit())
    assert len(mailbox.deliver()) == 1


class TestTheLinkInAMail:
    def test_turns_one_topic_off_and_on_again_by_whoever_holds_it(
        self, work: Working, reading: Reads, make: Make, amina: Person
    ) -> None:
        token = subscriptions.token_for(amina, MailTopic.SURVEYS)
        for is_wanted in (False, False, True, True):
            with work(VISITOR) as unit:
                preferences.choose_by_link(unit, token=token, wanted=is_wanted)
            assert (MailTopic.SURVEYS in wanted(reading, make, amina)) is is_wanted
            assert len(wanted(reading, make, amina)) == len(ALL) - (not is_wanted)
            with reading(VISITOR) as read:
                found = subscriptions.subscription(read, token=token)
            assert (found.wanted, found.topic, found.followed) == (is_wanted, MailTopic.SURVEYS, None)

    def test_of_a_record_that_was_merged_means_the_one_that_was_kept(
        self, work: Working, reading: Reads, make: Make, amina: Person
    ) -> None:
        twin = make.person("Amina Y.")
        with work() as unit:
            unit.session.get_one(Person, twin.id).merged_into = amina.id
        token = subscriptions.token_for(twin, MailTopic.SURVEYS)
        with work(VISITOR) as unit:
            preferences.choose_by_link(unit, token=token, wanted=False)
        assert MailTopic.SURVEYS not in wanted(reading, make, amina)
        with reading(VISITOR) as read:
            assert not subscriptions.subscription(read, token=token).wanted

    def test_of_another_sort_or_forged_does_nothing(self, work: Working, reading: Reads, amina: Person) -> None:
        word = amina.public_id
        for token in (
            secrecy.sign("booking", f"surveys:{word}"),
            secrecy.sign("unsubscribe", f"sign-in:{word}"),
            secrecy.sign("unsubscribe", word),
            secrecy.sign("unsubscribe", "surveys:nobody"),
            subscriptions.token_for(amina, MailTopic.SURVEYS) + "x",
            "forged",
            "",
        ):
            with pytest.raises(NotFound), work(VISITOR) as unit:
                preferences.choose_by_link(unit, token=token, wanted=False)
            with pytest.raises(NotFound), reading(VISITOR) as read:
                subscriptions.subscription(read, token=token)
        with reading() as read:
            assert read.session.scalars(select(Preference)).all() == []


def test_every_topic_has_messages_and_every_message_with_a_topic_exists() -> None:
    assert set(TOPICS.values()) == set(MailTopic)
    assert set(TOPICS) <= set(MESSAGES)


def test_routine_messages_are_for_people(work: Working) -> None:
    with pytest.raises(ValueError, match="counted by person"), work() as unit:
        promises.post(unit, key="1", to="a@b.example", template="survey_invitation", urgency=OutboxClass.ROUTINE)
