"""Staff put questions to the people of an event, at a moment of their own choice."""

from datetime import date, timedelta

from sqlalchemy import exists, select

from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of, last_minute_of
from cop.core.small_numbers import LEAST
from cop.core.work import Work
from cop.models.events import Event, EventState
from cop.models.surveys import Among, Ask, Mode, Questionnaire, Subject, Wave
from cop.queries.surveys import choosable
from cop.queries.surveys.by_hand import among
from cop.services.answers import newest_version
from cop.services.surveys.asking import ask

LONGEST = timedelta(days=90)


def ask_by_hand(work: Work, *, event_id: int, questionnaire: str, who: Among, closes_on: date) -> int:
    """Put the newest version of a questionnaire, known by its code, to these people of the event; how many it were.

    Whoever was asked the same questions about the event by hand before, in whichever version, is not asked again.
    """
    event = work.session.get(Event, event_id)
    if event is None or not work.actor.may(*EVENT_EDITORS, programme_id=event.programme_id, event_id=event.id):
        raise NotFound
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("Only people of an event that is published can be asked"))
    if not day_of(work.now) < closes_on <= day_of(work.now + LONGEST):
        raise Refusal(marked("Choose a day after today and within %(days)s days"), field="closes_on", days=LONGEST.days)
    offered = {each.code for each in choosable(work)}
    newest = newest_version(work, code=questionnaire) if questionnaire in offered else None  # one after the other
    if newest is None:
        raise Refusal(marked("Choose the questions"), field="questionnaire")
    people = _not_asked(work, event, newest.code, who)
    if not people:
        raise Refusal(marked("Everybody among them was asked these questions already"), field="who")
    if newest.mode is Mode.ANONYMOUS:
        _can_be_anonymous(work, event, newest, len(people))
    return ask(
        work,
        questionnaire=newest,
        wave=Wave.ONCE,
        people=[(event.id, person_id) for person_id in people],
        closes_at=last_minute_of(closes_on),
    )


def _not_asked(work: Work, event: Event, code: str, who: Among) -> list[int]:
    wanted = among(event.id, who).subquery("wanted")
    same = select(Questionnaire.id).where(Questionnaire.code == code)
    earlier = exists().where(
        Ask.subject_kind == Subject.EVENT,
        Ask.subject_id == event.id,
        Ask.wave == Wave.ONCE,
        Ask.person_id == wanted.c.person_id,
        Ask.questionnaire_id.in_(same),
    )
    return list(work.session.scalars(select(wanted.c.person_id).where(~earlier).order_by(wanted.c.person_id)))


def _can_be_anonymous(work: Work, event: Event, questionnaire: Questionnaire, people: int) -> None:
    """Whether nobody stands alone among those who are asked the same until the same day."""
    until = work.session.scalars(
        select(Ask.closes_at).where(
            Ask.subject_kind == Subject.EVENT,
            Ask.subject_id == event.id,
            Ask.wave == Wave.ONCE,
            Ask.questionnaire_id == questionnaire.id,
        )
    ).all()
    if until and max(until) <= work.now:
        raise Refusal(marked("This survey has closed. The answers of whoever is asked now would stand alone."))
    if len(until) + people < LEAST:
        raise Refusal(
            marked("Fewer than %(least)s people would be asked, too few for answers without names"), least=LEAST
        )
