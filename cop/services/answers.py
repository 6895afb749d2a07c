"""Keeping answers: one store for applications, pulses and follow-ups, saved as drafts and submitted once."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.questions import Answers, Item, check, read_items
from cop.core.work import Work
from cop.models.surveys import Mode, Questionnaire, Response, ResponseState

CHANGED_ELSEWHERE = marked(
    "These answers were changed in another window. What you typed is below: look at the saved answers, then save again."
)


def newest_version(work: Work, *, code: str) -> Questionnaire | None:
    """The version that is asked now, under the lock of the code: nobody publishes another one meanwhile."""
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"questionnaire:{code}", 0))))
    return work.session.scalars(
        select(Questionnaire).where(Questionnaire.code == code).order_by(Questionnaire.version.desc()).limit(1)
    ).one_or_none()


def publish_questionnaire(
    work: Work,
    *,
    code: str,
    title: str,
    items: Iterable[Mapping[str, Any]],
    introduction: str = "",
    mode: Mode = Mode.NAMED,
) -> Questionnaire:
    """A new version of the questionnaire; the one that is there already where nothing has changed.

    The caller has checked that the actor may. ValueError where an item has the wrong shape.
    """
    raw = [dict(item) for item in items]
    read_items(raw)
    newest = newest_version(work, code=code)
    said = (title, introduction, raw, mode)
    if newest is not None and (newest.title, newest.introduction, newest.items, newest.mode) == said:
        return newest
    made = Questionnaire(
        code=code,
        version=newest.version + 1 if newest is not None else 1,
        title=title,
        introduction=introduction,
        items=raw,
        mode=mode,
        made_at=work.now,
    )
    work.session.add(made)
    work.session.flush()
    return made


def start(work: Work, *, questionnaire_id: int) -> Response:
    """An empty draft."""
    made = begun(work, questionnaire_id=questionnaire_id)
    work.session.flush()
    return made


def begun(work: Work, *, questionnaire_id: int, ask_id: int | None = None) -> Response:
    """An empty draft, which goes to the database with all that is written to it. One ask has one, by a constraint."""
    made = Response(
        questionnaire_id=questionnaire_id,
        ask_id=ask_id,
        answers={},
        state=ResponseState.DRAFT,
        revision=0,
        saved_at=work.now,
    )
    work.session.add(made)
    return made


def save(work: Work, *, response_id: int, answers: Answers, seen: int | None = None) -> Response:
    """Add these answers to those of the draft, half-finished or not; what cannot be kept is refused at its item.

    Answers that were submitted stay so, and an edit that would leave them incomplete is refused. ``answers`` holds the
    items of the page only; None takes an answer back. ``seen`` is the revision that the page showed: where another
    window was quicker the answers are refused rather than lost. The caller has checked that the actor may.
    """
    response, questionnaire = _lock(work, response_id)
    return keep(work, response, read_items(questionnaire.items), answers=answers, seen=seen)


def keep(work: Work, response: Response, items: Sequence[Item], *, answers: Answers, seen: int | None) -> Response:
    """The same for a response which the caller has locked; ``items`` are those of its questionnaire."""
    if seen is not None and seen != response.revision:
        raise Refusal(CHANGED_ELSEWHERE)
    submitted = response.state is ResponseState.SUBMITTED
    clean, problems = check(items, {**response.answers, **answers}, whole=submitted)
    for problem in problems:
        if problem.code in answers:
            raise Refusal(problem.message, field=problem.code, **problem.params)
    if submitted and problems:
        opened = next(item.text for item in items if item.code == problems[0].code)
        raise Refusal(marked("With this answer, “%(question)s” needs one too"), question=opened)
    response.answers = clean
    response.revision, response.saved_at = response.revision + 1, work.now
    return response


def submit(work: Work, *, response_id: int) -> Response:
    """Close the draft; refused at the first item that still needs an answer. Submitting again changes nothing."""
    response, questionnaire = _lock(work, response_id)
    if response.state is ResponseState.SUBMITTED:
        return response
    clean, problems = check(read_items(questionnaire.items), response.answers, whole=True)
    if problems:
        raise Refusal(problems[0].message, field=problems[0].code, **problems[0].params)
    return close(work, response, clean)


def close(work: Work, response: Response, answers: dict[str, Any]) -> Response:
    """Close a draft which the caller has locked, with these answers, which lack nothing."""
    response.answers, response.state, response.submitted_at = answers, ResponseState.SUBMITTED, work.now
    response.revision, response.saved_at = response.revision + 1, work.now
    return response


def _lock(work: Work, response_id: int) -> tuple[Response, Questionnaire]:
    found = (
        select(Response, Questionnaire)
        .join(Questionnaire, Questionnaire.id == Response.questionnaire_id)
        .where(Response.id == response_id)
        .with_for_update(of=Response, key_share=True)
        .execution_options(populate_existing=True)
    )
    row = work.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    return row.Response, row.Questionnaire
