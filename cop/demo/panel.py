"""What the panel did: the first course chosen, held and completed; the second scored, and chosen in part."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import select

from cop.algorithms import naming
from cop.algorithms.naming import Naming
from cop.core.access import Actor, Grant, Role
from cop.core.criteria import SCORES, Score, read_criteria
from cop.core.work import Work
from cop.demo import letters
from cop.demo.cohorts import FINISHED, IN_SELECTION, cohort_of
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Account, Person, Sector
from cop.models.cohorts import Application, Cohort, DecisionOutcome, SelectionPolicy
from cop.models.events import Attendance, Event, Part, Seat
from cop.models.offers import Offer, OfferState
from cop.queries.cohorts import panel, selection
from cop.queries.cohorts import redactions as copies
from cop.queries.cohorts.drawing import version_of_selecting
from cop.queries.cohorts.reviewing import version_of_reviewing
from cop.queries.cohorts.sharing import plan_of
from cop.services import accounts
from cop.services import offers as answers
from cop.services.cohorts import choice, drawing, offers, reviewing, reviews
from cop.services.cohorts.choice import Verdict
from cop.services.cohorts.redactions import redact
from cop.services.cohorts.roster import write_to_roster
from cop.services.events import attendance

REVIEWERS = (("Nerys Pughe", 4), ("Owen Tallis", 22), ("Hazel Quarrie", 45))
"""Invented reviewers, each from the organisation of the person with that number in the second course."""

REASONS: Mapping[int, Sequence[str]] = {
    1: ("I looked for it and did not find it.", "It stays with good intentions."),
    2: ("Hinted at in one sentence.", "General: it could be anywhere."),
    3: ("Clear enough, with little that is their own.", "Said plainly. I would like to hear more."),
    4: ("Concrete, and written by somebody who was there.", "I can picture it."),
    5: ("Among the best that I have read in this round.", "Every sentence counts, and others were asked."),
}

COMMENTS = ("", "", "", "Would bring something to the group.", "I was torn: see what the others say.")

IN_BRACKETS = {
    Naming.PERSON: "name",
    Naming.EMAIL: "e-mail address",
    Naming.WEB: "web address",
    Naming.TELEPHONE: "telephone number",
    Naming.ORGANISATION: "organisation",
    Naming.PLACE: "place",
}

SAID = (
    ("We read it together: the challenge is closer to home than two of us thought.", 3.75),
    ("The scores differ because of one word. The panel agrees with the higher one.", 4.25),
    ("Nothing new came up, so the mean stands.", None),
    ("The applicant cannot come to the second day, which one of us had missed.", 2.5),
)

OFFERED, RESERVED, DECLINED = 11, 5, 8
"""How far the chair of the second course has come: the best are chosen, the next are reserves, the last declined."""

GOOD_ENOUGH = 2.75
"""From this score on the second course draws: everything is ready for somebody to freeze the pool."""

LOOKED_OVER = 3
"""To so many of those declined the chair of the second course has written."""

MISSED = {3: "xaaa", 8: "aapa", 12: "aaax"}
"""Who missed what of the first course, by their place in the order of bookings; all others came to everything."""

MARKS = {"a": Attendance.ATTENDED, "p": Attendance.PARTIAL, "x": Attendance.ABSENT}


def load(stage: Stage) -> None:
    team = _team(stage)
    _finished(stage, team)
    _in_selection(stage, team)


def _team(stage: Stage) -> Sequence[Person]:
    """Invented reviewers, and last the one who can be signed in as."""
    event, work, team = cohort_of(stage, IN_SELECTION), stage.ago(days=60), []
    for name, number in REVIEWERS:
        applied = select(Application.organisation_id).where(
            Application.cohort_id == event.id, Application.number == number
        )
        address = f"{'.'.join(name.lower().split())}@people.example"
        person, _made = accounts.person_with_email(work, email=address, name=name)
        accounts.set_affiliation(
            work,
            person_id=person.id,
            organisation_id=work.session.scalar(applied),
            sector=Sector.COUNCIL_OFFICER,
        )
        work.session.add(Account(person_id=person.id, email_verified_at=work.now, session_epoch=0))
        work.session.flush()
        accounts.grant(work, email=address, role=Role.REVIEWER, programme_slug=stage.programme.slug)
        team.append(person)
    return [*team, stage.role("reviewer")]


def _as(stage: Stage, person: Person, role: Role, when: datetime) -> Work:
    """The unit of work as somebody of the panel would have had it then."""
    grant = Grant(role, programme_id=None if role is Role.ADMIN else stage.programme.id)
    return replace(stage.work, now=when, actor=Actor(person.id, (grant,)))


def _review(stage: Stage, event: Event, person: Person, since: datetime, *, left: int = 0, draft: int = 0) -> None:
    """Score what is the reviewer's, in order of number: the last are ``left``, those before ``draft`` half done."""
    work = _as(stage, person, Role.REVIEWER, since)
    cohort = panel.course_of_panel(work, slug=event.slug)
    criteria = read_criteria(cohort.criteria)
    numbers = [item.number for item in panel.pile(work, cohort).items]
    numbers = numbers[: len(numbers) - left]
    for position, number in enumerate(numbers):
        is_done = position < len(numbers) - draft
        said = {}
        for criterion in criteria:
            score = min(max(round(stage.chance.gauss(2.2 + number * 7 % 10 / 4, 0.8)), min(SCORES)), max(SCORES))
            said[criterion.code] = Score(score, stage.chance.choice(REASONS[score]))
        reviews.save_review(
            replace(work, now=since + timedelta(minutes=25 * position)),
            cohort_id=event.id,
            number=number,
            scores=said if is_done else dict(islice(said.items(), 2)),
            comment=stage.chance.choice(COMMENTS),
            seen=0,
            submit=is_done,
        )


def _choose(work: Work, event: Event, verdicts: Mapping[int, Verdict]) -> None:
    cohort = work.session.get_one(Cohort, event.id)
    choice.choose(work, cohort_id=event.id, verdicts=verdicts, seen=cohort.choice_revision)


def _ranked(work: Work, event: Event) -> Sequence[int]:
    """The numbers that the chair may see, the best scores first."""
    cohort = panel.course_of_chair(work, slug=event.slug)
    return [one.number for one in selection.selection(work, cohort, order=selection.Order.MEAN).candidates]


def _finished(stage: Stage, team: Sequence[Person]) -> None:
    """15 of 36 were offered a place, one gave theirs to a reserve, and all 15 who came completed the course."""
    event = cohort_of(stage, FINISHED)
    for person in team[:2]:
        _review(stage, event, person, _after(event, days=1))
    secretariat = stage.role("admin")
    chair = _as(stage, secretariat, Role.ADMIN, _after(event, days=4))
    alumna = 1
    order = [alumna, *(number for number in _ranked(chair, event) if number != alumna)]
    offered = dict.fromkeys(order[:15], Verdict(DecisionOutcome.OFFER))
    reserves = {number: Verdict(DecisionOutcome.RESERVE, rank) for rank, number in enumerate(order[15:17], start=1)}
    _choose(chair, event, {**offered, **reserves, **dict.fromkeys(order[17:], Verdict(DecisionOutcome.DECLINE))})
    written_on = _as(stage, secretariat, Role.ADMIN, _after(event, days=4.5))
    letters.write_for_all(written_on, event)
    letters.write_feedback(written_on, event, order[15:])
    cohort = stage.work.session.get_one(Cohort, event.id)
    choice.release(
        _as(stage, secretariat, Role.ADMIN, _after(event, days=5)), cohort_id=event.id, seen=cohort.choice_revision
    )
    _answer(stage, event, _after(event, days=7), declined=order[9])
    letters.review(_as(stage, secretariat, Role.ADMIN, _after(event, days=8)), event, order[17])
    offers.move_up(
        _as(stage, secretariat, Role.ADMIN, _after(event, days=9)),
        cohort_id=event.id,
        number=order[15],
        seen=cohort.choice_revision,
    )
    _answer(stage, event, _after(event, days=11))
    write_to_roster(
        replace(stage.work, now=_after(event, days=18)),
        event_id=event.id,
        subject="Before we meet on the first morning",
        body=(
            "We look forward to meeting you. Bring a picture or an object that stands for the challenge in your place: "
            "we begin with those.\n\nLunch is there from half past twelve. If you need anything that we have not "
            "asked about, answer the coordinator of the course and we will see to it."
        ),
    )
    _mark(stage, event)


def _after(event: Event, *, days: float) -> datetime:
    """So many days after the call has closed."""
    assert event.closes_at is not None  # noqa: S101  courses of the demonstration have one
    return event.closes_at + timedelta(days=days)


def _answer(stage: Stage, event: Event, since: datetime, *, declined: int | None = None) -> None:
    """All open offers are answered, over the hours of a day: accepted but for one."""
    waiting = (
        select(Offer, Application.number, Person)
        .join(Application, Application.id == Offer.application_id)
        .join(Person, Person.id == Offer.person_id)
        .where(Offer.event_id == event.id, Offer.state == OfferState.OPEN)
        .order_by(Offer.id)
    )
    for hours, (offer, number, person) in enumerate(stage.work.session.execute(waiting).all()):
        then = as_person(stage.work, person, since + timedelta(hours=hours))
        answer = answers.decline if number == declined else answers.accept
        answer(then, public_id=offer.public_id)


def _mark(stage: Stage, event: Event) -> None:
    host = Actor(stage.role("host").id, via="system")
    seats = stage.work.session.scalars(
        select(Seat.id).where(Seat.event_id == event.id, Seat.live).order_by(Seat.id)
    ).all()
    parts = stage.work.session.scalars(select(Part).where(Part.event_id == event.id).order_by(Part.starts_at)).all()
    for half_day, part in enumerate(parts):
        during = replace(stage.work, now=part.ends_at, actor=host)
        for position, marks in MISSED.items():
            status = MARKS[marks[half_day]]
            attendance.mark(during, part_id=part.id, seat_id=seats[position], status=status)
        attendance.mark_rest_attended(during, event_id=event.id, part_id=part.id)


def _arrange(stage: Stage, event: Event) -> None:
    """Two reviewers for each, once somebody has taken out what names the applicants."""
    chair = _as(stage, stage.role("facilitator"), Role.FACILITATOR, _after(event, days=0))
    cohort = panel.course_of_chair(chair, slug=event.slug)
    reviewing.edit_reviewing(
        chair,
        cohort_id=event.id,
        reviews_wanted=2,
        spread_flag=1.5,
        redacting=True,
        seen=version_of_reviewing(cohort),
    )
    secretariat = _as(stage, stage.role("admin"), Role.ADMIN, _after(event, days=0))
    for work in (chair, secretariat):  # somebody else sees what one of them may not
        for copied in copies.copies(work, cohort, only_open=True, limit=100):
            found = copies.to_redact(work, cohort, number=copied.number)
            copy = {
                code: naming.without(words, naming.find(words, found.known), IN_BRACKETS)
                for code, words in found.words.items()
            }
            redact(work, cohort_id=event.id, number=copied.number, copy=copy, seen=found.version)
    reviewing.share_out(chair, cohort_id=event.id, seen=plan_of(chair, cohort).version)


def _in_selection(stage: Stage, team: Sequence[Person]) -> None:
    """Two reviews of nearly each, some talked over, and the chair half way through."""
    event = cohort_of(stage, IN_SELECTION)
    _arrange(stage, event)
    for person in team:
        is_last = person is team[-1]
        _review(stage, event, person, _after(event, days=1), left=3 * is_last, draft=2 * is_last)
    chair = _as(stage, stage.role("facilitator"), Role.FACILITATOR, _after(event, days=4))
    cohort = panel.course_of_chair(chair, slug=event.slug)
    drawing.edit_selecting(
        chair,
        event_id=event.id,
        policy=SelectionPolicy.LOTTERY,
        threshold=GOOD_ENOUGH,
        per_organisation=2,
        seen=version_of_selecting(event, cohort),
    )
    seen = selection.selection(chair, cohort).candidates
    divided = sorted(seen, key=lambda one: (-(one.spread or 0), one.number))
    for candidate, (reason, score) in zip(divided, SAID, strict=False):
        choice.moderate(chair, cohort_id=event.id, number=candidate.number, reason=reason, score=score)
    order = _ranked(chair, event)
    verdicts = dict.fromkeys(order[:OFFERED], Verdict(DecisionOutcome.OFFER))
    for rank, number in enumerate(order[OFFERED : OFFERED + RESERVED], start=1):
        verdicts[number] = Verdict(DecisionOutcome.RESERVE, rank)
    verdicts |= dict.fromkeys(order[-DECLINED:], Verdict(DecisionOutcome.DECLINE))
    _choose(chair, event, verdicts)
    letters.write_for_all(chair, event)
    letters.write_feedback(chair, event, order[-LOOKED_OVER:])
