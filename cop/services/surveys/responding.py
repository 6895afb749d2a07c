"""Answering what one was asked: page by page, in two windows or on two machines, and sent once."""

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.questions import Answers, check, read_items
from cop.core.work import Work
from cop.models.surveys import Ask, Questionnaire, Response
from cop.services import answers as store

SENT = marked("You have sent your answers already. What is on this page was not saved.")
CHANGED_MEANWHILE = marked("Your answers were changed in another window. Read them again, then send them.")
CLOSED = marked("We no longer take answers to these questions: the last day has passed.")


def save(work: Work, *, ask_id: int, answers: Answers, seen: int) -> Response:
    """Keep the answers of one page. ``seen`` is the revision that the page showed, 0 before the first."""
    ask = _lock(work, ask_id)
    response = _response(work, ask)
    if ask.done_on is not None:
        raise Refusal(SENT)
    _still_open(work, ask)
    return store.save(work, response_id=response.id, answers=answers, seen=seen)


def send(work: Work, *, ask_id: int, seen: int) -> None:
    """Close the answers as the page showed them. Sending again changes nothing."""
    ask = _lock(work, ask_id)
    if ask.done_on is not None:
        return
    _still_open(work, ask)
    response = _response(work, ask)
    if seen != response.revision:
        raise Refusal(CHANGED_MEANWHILE)
    _send(work, ask, response)


def save_and_send(work: Work, *, ask_id: int, answers: Answers, seen: int) -> Response:
    """Keep the answers of the only page and close them. The same answers sent again change nothing."""
    ask = _lock(work, ask_id)
    response = _response(work, ask)
    if ask.done_on is not None:
        given, _ = check(read_items(_questionnaire(work, ask).items), answers, whole=False)
        if given == response.answers:
            return response
        raise Refusal(SENT)
    _still_open(work, ask)
    store.save(work, response_id=response.id, answers=answers, seen=seen)
    _send(work, ask, response)
    return response


def _send(work: Work, ask: Ask, response: Response) -> None:
    items = read_items(_questionnaire(work, ask).items)
    _, problems = check(items, response.answers, whole=True)
    if problems:
        question = next(item.text for item in items if item.code == problems[0].code)
        raise Refusal(marked("This question still needs an answer: %(question)s"), question=question)
    store.submit(work, response_id=response.id)
    ask.done_on = day_of(work.now)


def _lock(work: Work, ask_id: int) -> Ask:
    """The ask, for the person to whom it was put: everything else about it waits for its turn."""
    found = select(Ask).where(Ask.id == ask_id, Ask.person_id == work.actor.person_id).with_for_update(key_share=True)
    ask = work.session.scalars(found.execution_options(populate_existing=True)).one_or_none()
    if ask is None:
        raise NotFound
    return ask


def _still_open(work: Work, ask: Ask) -> None:
    if ask.closes_at <= work.now:
        raise Refusal(CLOSED)


def _response(work: Work, ask: Ask) -> Response:
    """The one response of the ask, begun now where there is none."""
    found = work.session.scalars(select(Response).where(Response.ask_id == ask.id)).one_or_none()
    return found or store.start(work, questionnaire_id=ask.questionnaire_id, ask_id=ask.id)


def _questionnaire(work: Work, ask: Ask) -> Questionnaire:
    return work.session.get_one(Questionnaire, ask.questionnaire_id)
