"""Letters between members: carried, answered, limited, reported and forgotten, and read by nobody else."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.mail.letters import as_it_reads
from cop.models.accounts import Person
from cop.models.members import LETTER_MOST, REASON_MOST, Relay
from cop.models.outbox import Bounce, Dropped, Outbox, OutboxState
from cop.queries import relays as queries
from cop.services import relays, retention
from cop.services.relays import ANSWERS_A_DAY, NEW_A_DAY, TO_ONE_A_DAY
from tests.support.clock import FixedClock
from tests.support.golden import Golden
from tests.support.mailbox import Mailbox
from tests.support.make import Make, Reads, Working
from tests.support.members import Directory
from tests.test_mail import readable, without

Posted = Callable[..., Sequence[Outbox]]

GOLDEN = Path(__file__).parents[1] / "golden" / "mail"

WORDS = "Kestrel over the estate"
"""Words that stand nowhere else."""


def posted_ids(reading: Reads) -> Sequence[str]:
    with reading() as read:
        return read.session.scalars(select(Outbox.message_id)).all()


@pytest.fixture
def directory(app: Flask, make: Make) -> Directory:
    return Directory(app, make)


@pytest.fixture
def amina(make: Make) -> Person:
    return make.account("Amina Ashdown", "amina@council.example", organisation=make.organisation("Brent Council"))


@pytest.fixture
def ben(make: Make, directory: Directory) -> Person:
    person = make.account("Ben Birkett", "ben@council.example", organisation=make.organisation("Oldham Council"))
    directory.join(person)
    return person


class TestManyAtOnce:
    def test_one_letter_pressed_often_is_sent_once(
        self, directory: Directory, amina: Person, ben: Person, reading: Reads
    ) -> None:
        start = Barrier(6)

        def press(_number: int) -> int:
            start.wait(timeout=30)
            return directory.write(amina, ben).id

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(press, range(6)))) == 1
        assert len(posted_ids(reading)) == 1

    def test_no_more_go_to_one_person_than_may(
        self, directory: Directory, amina: Person, ben: Person, reading: Reads
    ) -> None:
        start = Barrier(TO_ONE_A_DAY + 3)

        def press(number: int) -> bool:
            start.wait(timeout=30)
            try:
                directory.write(amina, ben, f"Question {number}")
            except Refusal:
                return False
            return True

        with ThreadPoolExecutor(TO_ONE_A_DAY + 3) as pool:
            assert sum(pool.map(press, range(TO_ONE_A_DAY + 3))) == TO_ONE_A_DAY
        assert len(posted_ids(reading)) == TO_ONE_A_DAY


class TestCarrying:
    def test_a_letter_arrives_without_the_address_of_its_sender_and_its_answer_goes_back(
        self, directory: Directory, reading: Reads, amina: Person, ben: Person, mailbox: Mailbox, golden: Golden
    ) -> None:
        letter = directory.write(amina, ben, WORDS)
        answer = directory.answer(ben, letter, "Come and see.")
        to_ben, to_amina = mailbox.deliver()
        random = dict.fromkeys(posted_ids(reading), "MESSAGE") | {
            letter.public_id: "LETTER",
            answer.public_id: "ANSWER",
        }
        golden(GOLDEN / "member-letter.txt", without(random, readable(to_ben.message)))
        golden(GOLDEN / "member-letter-answered.txt", without(random, readable(to_amina.message)))
        for mail, recipient, other, words in (
            (to_ben, "ben@", "amina@", WORDS),
            (to_amina, "amina@", "ben@", "Come and see."),
        ):
            assert recipient in mail["To"]
            assert other.encode() not in mail.raw
            assert mail.message["Reply-To"] is None
            assert words in mail.text
            assert words in mail.soup.get_text()

    def test_both_find_it_among_their_letters(
        self, directory: Directory, make: Make, reading: Reads, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben, WORDS)
        answer = directory.answer(ben, letter)
        for person, other, own in ((amina, "Ben Birkett", letter), (ben, "Amina Ashdown", answer)):
            with reading(make.actor(person)) as read:
                found = queries.letters(read)
                assert [one.other for one in found] == [other, other]
                assert {one.public_id for one in found if one.is_mine} == {own.public_id}
                assert queries.letter(read, public_id=letter.public_id).body == WORDS
                assert queries.letter(read, public_id=answer.public_id).before == letter.public_id

    def test_it_lies_encrypted(self, directory: Directory, work: Working, amina: Person, ben: Person) -> None:
        directory.report(ben, directory.write(amina, ben, WORDS), "A Quagga of a letter")
        with work() as unit:
            raw = unit.session.execute(text("SELECT body, reported_why FROM relay")).one()
        assert b"Kestrel" not in bytes(raw.body)
        assert b"Quagga" not in bytes(raw.reported_why)

    def test_a_second_press_sends_no_second_letter(
        self, directory: Directory, amina: Person, ben: Person, outbox: Posted
    ) -> None:
        first = directory.write(amina, ben, WORDS)
        assert directory.write(amina, ben, f" {WORDS} ").id == first.id
        answer = directory.answer(ben, first)
        assert directory.answer(ben, first).id == answer.id
        assert len(outbox("member_letter")) == 2

    def test_whoever_only_writes_need_not_be_listed_and_is_answered(
        self, directory: Directory, make: Make, reading: Reads, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben)
        answer = directory.answer(ben, letter)
        assert directory.answer(amina, answer, "Thank you.").to_person_id == ben.id

    def test_whom_no_mail_reaches_is_not_called_about_it(
        self, directory: Directory, work: Working, amina: Person, ben: Person, outbox: Posted
    ) -> None:
        with work() as unit:
            unit.session.add(Bounce(address="ben@council.example", hard=True, report_id="1", at=unit.now))
        directory.write(amina, ben)
        [row] = outbox("member_letter")
        assert (row.state, row.last_error) == (OutboxState.DROPPED, Dropped.UNREACHABLE)


class TestNobodyElse:
    def test_reads_it_neither_on_a_page_nor_among_the_messages(
        self, app: Flask, directory: Directory, make: Make, reading: Reads, amina: Person, ben: Person, outbox: Posted
    ) -> None:
        letter = directory.write(amina, ben, WORDS)
        admin = make.admin()
        third = make.account("Cara Cole", organisation=make.organisation())
        for actor in (make.actor(admin), make.actor(third), Actor(), Actor(ben.id, via="link")):
            with reading(actor) as read:
                with pytest.raises(NotFound):
                    queries.letter(read, public_id=letter.public_id)
                with pytest.raises(NotFound):
                    queries.one_reported(read, public_id=letter.public_id)
        [row] = outbox("member_letter")
        with app.test_request_context(), reading(make.actor(admin)) as read:
            drawn = as_it_reads(read, row)
        assert drawn is not None
        assert "Amina Ashdown" in drawn.text
        assert "Kestrel" not in drawn.text + drawn.html + drawn.subject

    def test_writes_or_answers_in_somebody_elses_place(
        self, directory: Directory, make: Make, work: Working, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben)
        third = make.account("Cara Cole", organisation=make.organisation())
        for actor in (make.actor(third), make.actor(amina), Actor(), Actor(ben.id, via="link")):
            with pytest.raises(NotFound), work(actor) as unit:
                relays.answer(unit, public_id=letter.public_id, body="No")
            with pytest.raises(NotFound), work(actor) as unit:
                relays.report(unit, public_id=letter.public_id, reason="No")

    def test_is_written_to_who_is_not_listed(
        self, directory: Directory, make: Make, amina: Person, ben: Person
    ) -> None:
        stranger = make.account("Stan Stranger")
        for sender, recipient in ((ben, amina), (stranger, ben), (ben, ben), (amina, stranger)):
            with pytest.raises(NotFound):
                directory.write(sender, recipient)
        directory.leave(ben)
        with pytest.raises(NotFound):
            directory.write(amina, ben)


class TestLimits:
    def test_who_takes_no_letters_gets_none(
        self, directory: Directory, amina: Person, ben: Person, outbox: Posted
    ) -> None:
        directory.join(ben, takes_letters=False, revision=1)
        with pytest.raises(Refusal, match="takes no letters"):
            directory.write(amina, ben)
        assert outbox("member_letter") == []

    @pytest.mark.parametrize("body", ["", "  \n ", "x" * (LETTER_MOST + 1)])
    def test_words_are_needed_and_not_too_many(
        self, directory: Directory, amina: Person, ben: Person, body: str
    ) -> None:
        with pytest.raises(Refusal) as refused:
            directory.write(amina, ben, body)
        assert refused.value.field == "body"

    def test_so_many_to_one_person_a_day(
        self, directory: Directory, amina: Person, ben: Person, clock: FixedClock
    ) -> None:
        for number in range(TO_ONE_A_DAY):
            directory.write(amina, ben, f"Letter {number}")
        with pytest.raises(Refusal, match="Give them time"):
            directory.write(amina, ben, "Once more")
        clock.move(timedelta(days=1))
        directory.write(amina, ben, "Once more")

    def test_so_many_new_ones_a_day_however_many_people_they_go_to(
        self, directory: Directory, make: Make, amina: Person
    ) -> None:
        others = [make.account(f"Person {number}", organisation=make.organisation()) for number in range(NEW_A_DAY + 1)]
        for person in others:
            directory.join(person)
        for person in others[:-1]:
            directory.write(amina, person)
        with pytest.raises(Refusal, match="within a day"):
            directory.write(amina, others[-1])

    def test_so_many_answers_a_day(self, directory: Directory, amina: Person, ben: Person) -> None:
        letter = directory.write(amina, ben)
        for number in range(ANSWERS_A_DAY):
            directory.answer(ben, letter, f"Answer {number}")
        with pytest.raises(Refusal, match="within a day"):
            directory.answer(ben, letter, "One more")


class TestReporting:
    def test_shows_the_letter_to_admins_and_ends_all_letters_of_its_sender_to_one(
        self,
        directory: Directory,
        make: Make,
        reading: Reads,
        amina: Person,
        ben: Person,
        outbox: Posted,
    ) -> None:
        earlier = directory.write(amina, ben, "A kind word")
        letter = directory.write(amina, ben, WORDS)
        mine = directory.answer(ben, earlier)
        directory.report(ben, letter, "It is rude.")
        with reading(make.actor(make.admin())) as read:
            assert queries.count_reported(read) == 1
            assert [one.public_id for one in queries.reported(read)] == [letter.public_id]
            found = queries.one_reported(read, public_id=letter.public_id)
            with pytest.raises(NotFound):
                queries.one_reported(read, public_id=earlier.public_id)
        assert (found.body, found.why, found.sender, found.recipient) == (
            WORDS,
            "It is rude.",
            "Amina Ashdown",
            "Ben Birkett",
        )
        with pytest.raises(Refusal, match="takes no letters"):
            directory.write(amina, ben, "Why?")
        with pytest.raises(Refusal, match="takes no letters"):
            directory.answer(amina, mine, "Why?")
        with pytest.raises(Refusal, match="reported this letter"):
            directory.answer(ben, letter, "Never.")
        with reading(make.actor(amina)) as read:
            assert not queries.letter(read, public_id=letter.public_id).is_reported

    def test_a_letter_that_was_not_sent_yet_is_not_sent_any_more(
        self, directory: Directory, amina: Person, ben: Person, mailbox: Mailbox
    ) -> None:
        directory.report(ben, directory.write(amina, ben))
        assert mailbox.deliver() == []

    def test_needs_a_reason_and_is_handled_once_by_an_admin(
        self, directory: Directory, make: Make, work: Working, reading: Reads, amina: Person, ben: Person
    ) -> None:
        letter = directory.write(amina, ben)
        for reason in ("", " ", "x" * (REASON_MOST + 1)):
            with pytest.raises(Refusal) as refused:
                directory.report(ben, letter, reason)
            assert refused.value.field == "reason"
        admin = make.admin()
        for actor in (make.actor(admin), make.actor(ben)):
            with pytest.raises(NotFound), work(actor) as unit:
                relays.handle(unit, public_id=letter.public_id)
        directory.report(ben, letter)
        with work(make.actor(admin)) as unit:
            assert relays.handle(unit, public_id=letter.public_id).handled_by == admin.id
        with reading(make.actor(admin)) as read:
            assert queries.count_reported(read) == 0
        with pytest.raises(Refusal, match="takes no letters"):
            directory.write(amina, ben, "Once more")

    def test_only_admins_see_what_was_reported(self, make: Make, reading: Reads, ben: Person) -> None:
        with reading(make.actor(ben)) as read, pytest.raises(NotFound):
            queries.reported(read)


class TestForgetting:
    def test_letters_go_after_their_time_but_for_reports_that_wait(
        self, directory: Directory, make: Make, work: Working, amina: Person, ben: Person, clock: FixedClock
    ) -> None:
        letter = directory.write(amina, ben)
        directory.answer(ben, letter)
        reported = directory.write(amina, ben, "Rude")
        directory.report(ben, reported)
        clock.move(timedelta(days=90))
        with work() as unit:
            assert retention.purge(unit, code="letters", limit=9) == 0
        late = directory.answer(ben, letter, "Late, but here it is.")
        clock.move(timedelta(seconds=1))
        with work() as unit:
            assert retention.purge(unit, code="letters", limit=9) == 2
        with work() as unit:
            left = {row.id: row.answers for row in unit.session.scalars(select(Relay))}
        assert left == {reported.id: None, late.id: None}
        with work(make.actor(make.admin())) as unit:
            relays.handle(unit, public_id=reported.public_id)
        with work() as unit:
            assert retention.purge(unit, code="letters", limit=9) == 1
            assert unit.session.scalar(select(func.count()).select_from(Relay)) == 1
