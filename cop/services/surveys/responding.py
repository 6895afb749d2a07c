"""Answering what one was asked: page by page, in two windows or on two machines, and sent once.

Whose answers they are once sent is up to the mode of the questionnaire: those of a panel lose their ask here, anonymous
ones when their survey closes (:mod:`cop.services.surveys.closing`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from functools import cache, cached_property
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from cop.core import secrecy
from cop.core.access import EVENT_EDITORS
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of, instant_on
from cop.core.questions import Answers, Item, check, read_items
from cop.core.work import Work
from cop.models.events import Event
from cop.models.surveys import Ask, Mode, Questionnaire, Response, Subject
from cop.services import answers as store

SENT = marked("You have sent your answers already. What is on this page was not saved.")
CHANGED_MEANWHILE = marked("Your answers were changed in another window. Read them again, then send them.")
SENT_MEANWHILE = marked("Their answers were sent already. What is on this page was not saved.")
BEGUN_ALONE = marked("They have begun to answer by themselves. Ask them to go on by the link in their mail.")
CLOSED = marked("We no longer take answers to these questions: the last day has passed.")


@dataclass(frozen=True)
class Asked:
    """An ask whose turn it is, with what never changes of it: the questions, and the programme of its event."""

    ask: Ask
    questionnaire: Questionnaire
    programme_id: int

    @cached_property
    def items(self) -> Sequence[Item]:
        return read_items(self.questionnaire.items)


def save(work: Work, *, ask_id: int, answers: Answers, seen: int) -> Response:
    """Keep the answers of one page. ``seen`` is the revision that the page showed, 0 before the first."""
    asked = _lock(work, ask_id)
    if asked.ask.done_on is not None:
        raise _sent_already(work, asked.ask)
    _still_open(work, asked.ask)
    return store.keep(work, _response(work, asked.ask), asked.items, answers=answers, seen=seen)


def send(work: Work, *, ask_id: int, seen: int) -> None:
    """Close the answers as the page showed them. Sending again changes nothing."""
    asked = _lock(work, ask_id)
    if asked.ask.done_on is not None:
        return
    _still_open(work, asked.ask)
    response = _response(work, asked.ask)
    if seen != response.revision:
        raise Refusal(CHANGED_MEANWHILE)
    _send(work, asked, response)


def save_and_send(work: Work, *, ask_id: int, answers: Answers, seen: int) -> Response:
    """Keep the answers of the only page and close them. The same answers sent again change nothing."""
    asked = _lock(work, ask_id)
    ask = asked.ask
    if ask.done_on is not None:
        sent = _sent(work, asked)
        given, _ = check(asked.items, answers, whole=False)
        if sent is not None and given == sent.answers and (_is_own(work, ask) or _wrote_it_down(work, sent)):
            return sent
        raise _sent_already(work, ask)
    _still_open(work, ask)
    response = _response(work, ask)
    store.keep(work, response, asked.items, answers=answers, seen=seen)
    _send(work, asked, response)
    return response


def _send(work: Work, asked: Asked, response: Response) -> None:
    clean, problems = check(asked.items, response.answers, whole=True)
    if problems:
        question = next(item.text for item in asked.items if item.code == problems[0].code)
        raise Refusal(marked("This question still needs an answer: %(question)s"), question=question)
    store.close(work, response, clean)
    asked.ask.done_on = day_of(work.now)
    if asked.questionnaire.mode is Mode.PANEL:
        _take_the_name_off(work, asked, response)


def _take_the_name_off(work: Work, asked: Asked, response: Response) -> None:
    """From here on a key stands for the person, and a day for the instant; who wrote it down is forgotten, too."""
    response.entered_by = None
    response.ask_id, response.panel_key = None, _panel_key(asked)
    response.subject_kind, response.subject_id = asked.ask.subject_kind, asked.ask.subject_id
    response.wave = asked.ask.wave
    response.saved_at = response.submitted_at = instant_on(day_of(work.now), time(0))


def _panel_key(asked: Asked) -> str:
    """The same for all that one person says in a programme; nobody finds the person without the service's secret."""
    return secrecy.digest("survey panel", asked.programme_id, asked.ask.person_id)


def _lock(work: Work, ask_id: int) -> Asked:
    """The ask, for the person to whom it was put, or for whoever runs the event and writes down what they are told.

    Everything else about it waits for its turn, also its response: that is read after this, since what a statement
    joins to a row for which it had to wait may be older than the row.
    """
    row = work.session.execute(_to_lock(), {"ask_id": ask_id}).one_or_none()
    if row is None:
        raise NotFound
    asked = Asked(row.Ask, row.Questionnaire, row.programme_id)
    if not (_is_own(work, asked.ask) or _may_write_down(work, asked)):
        raise NotFound
    return asked


@cache
def _to_lock() -> Select[*tuple[Any, ...]]:
    return (
        select(Ask, Questionnaire, Event.programme_id)
        .join(Questionnaire, Questionnaire.id == Ask.questionnaire_id)
        .join(Event, and_(Event.id == Ask.subject_id, Ask.subject_kind == Subject.EVENT))
        .where(Ask.id == bindparam("ask_id"))
        .with_for_update(of=Ask, key_share=True)
        .execution_options(populate_existing=True)
    )


def _is_own(work: Work, ask: Ask) -> bool:
    return ask.person_id == work.actor.person_id


def _may_write_down(work: Work, asked: Asked) -> bool:
    return work.actor.via == "session" and work.actor.may(
        *EVENT_EDITORS, programme_id=asked.programme_id, event_id=asked.ask.subject_id
    )


def _wrote_it_down(work: Work, response: Response) -> bool:
    return response.entered_by is not None and response.entered_by == work.actor.person_id


def _sent_already(work: Work, ask: Ask) -> Refusal:
    return Refusal(SENT if _is_own(work, ask) else SENT_MEANWHILE)


def _still_open(work: Work, ask: Ask) -> None:
    if ask.closes_at <= work.now:
        raise Refusal(CLOSED)


def _response(work: Work, ask: Ask) -> Response:
    """The one response of the ask, begun now where there is none.

    Staff do not go on with what somebody has begun alone, because they would read it; the person may go on with what
    staff have written down, and then it is theirs.
    """
    response = _linked(work, ask) or store.begun(work, questionnaire_id=ask.questionnaire_id, ask_id=ask.id)
    if not _is_own(work, ask) and response.revision > 0 and response.entered_by is None:
        raise Refusal(BEGUN_ALONE)
    response.entered_by = None if _is_own(work, ask) else work.actor.person_id
    return response


def _linked(work: Work, ask: Ask) -> Response | None:
    return work.session.scalars(_of_ask(), {"ask_id": ask.id}).one_or_none()


@cache
def _of_ask() -> Select[Response]:
    found = select(Response).where(Response.ask_id == bindparam("ask_id")).with_for_update(key_share=True)
    return found.execution_options(populate_existing=True)


def _sent(work: Work, asked: Asked) -> Response | None:
    """What was sent, as far as it can still be told whose it is."""
    ask = asked.ask
    if asked.questionnaire.mode is not Mode.PANEL:
        return _linked(work, ask)
    of_panel = select(Response).where(
        Response.panel_key == _panel_key(asked),
        Response.subject_kind == ask.subject_kind,
        Response.subject_id == ask.subject_id,
        Response.wave == ask.wave,
        Response.questionnaire_id == ask.questionnaire_id,
    )
    return work.session.scalars(of_panel).one_or_none()
