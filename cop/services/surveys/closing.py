"""Closing anonymous surveys: the day on which nobody can tell any more who said what."""

from datetime import timedelta
from secrets import SystemRandom, token_hex

from sqlalchemy import ColumnElement, and_, delete, exists, func, insert, or_, select

from cop.core.place import day_of
from cop.core.small_numbers import LEAST
from cop.core.work import Work
from cop.models.events import Part, PartState
from cop.models.surveys import AnonymousResponse, Ask, Mode, Questionnaire, Response, ResponseState, Wave
from cop.services.surveys.asking import ROUNDS

GRACE = timedelta(hours=1)
"""Whoever sent their answers at the last moment has long been served by then."""


def close_due(work: Work, *, limit: int) -> int:
    """Close up to ``limit`` anonymous surveys that nobody can answer any more; how many it were.

    A survey is one wave of one version of the questions about one thing: it is closed as a whole.
    """
    begun = exists().where(Response.ask_id == Ask.id)
    due = (
        select(Ask.subject_kind, Ask.subject_id, Ask.wave, Ask.questionnaire_id)
        .join(Questionnaire, and_(Questionnaire.id == Ask.questionnaire_id, Questionnaire.mode == Mode.ANONYMOUS))
        .where(_nobody_is_asked_any_more(work))
        .group_by(Ask.subject_kind, Ask.subject_id, Ask.wave, Ask.questionnaire_id)
        .having(func.max(Ask.closes_at) <= work.now - GRACE, func.bool_or(begun))
        .order_by(func.min(Ask.id))
        .limit(limit)
    )
    rounds = work.session.execute(due).all()
    for subject_kind, subject_id, wave, questionnaire_id in rounds:
        of_round = and_(
            Ask.subject_kind == subject_kind,
            Ask.subject_id == subject_id,
            Ask.wave == wave,
            Ask.questionnaire_id == questionnaire_id,
        )
        work.session.execute(select(Ask.id).where(of_round).order_by(Ask.id).with_for_update())
        _forget_who_said_what(work, of_round)
    return len(rounds)


def _nobody_is_asked_any_more(work: Work) -> ColumnElement[bool]:
    """Whoever comes to a later date of an event is asked after that one, and who gets a place on a course until it
    begins: till then the survey is not at its end.
    """
    part = exists().where(Part.event_id == Ask.subject_id, Part.state == PartState.PLANNED)
    has_begun = or_(part.where(Part.starts_at <= work.now), ~part)
    more_to_come = [
        and_(Ask.wave == wave, part.where(Part.ends_at > work.now - plan.after.until))
        for wave, plan in ROUNDS.items()
        if plan.after is not None
    ]
    return and_(or_(Ask.wave != Wave.BASELINE, has_begun), ~or_(*more_to_come))


def _forget_who_said_what(work: Work, of_round: ColumnElement[bool]) -> None:
    """Copy what was sent in an order of chance, and delete the originals, with what was begun and never sent.

    Answers of fewer than five people are not copied: among so few one could guess, and nobody may read them.
    """
    rows = work.session.execute(
        select(Response.id, Response.state, Response.answers, Ask)
        .join(Ask, Ask.id == Response.ask_id)
        .where(of_round)
        .order_by(Response.id)
    ).all()
    sent = [row for row in rows if row.state is ResponseState.SUBMITTED]
    if len(sent) >= LEAST:
        copies = [
            {
                "key": token_hex(16),
                "questionnaire_id": row.Ask.questionnaire_id,
                "subject_kind": row.Ask.subject_kind,
                "subject_id": row.Ask.subject_id,
                "wave": row.Ask.wave,
                "answers": row.answers,
                "closed_on": day_of(work.now),
            }
            for row in sent
        ]
        SystemRandom().shuffle(copies)
        work.session.execute(insert(AnonymousResponse), copies)
    work.session.execute(delete(Response).where(Response.id.in_([row.id for row in rows])))
