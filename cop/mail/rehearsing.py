"""Shows who would be told what, with the words, before somebody does what cannot be taken back unseen."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask_wtf import FlaskForm

from cop.core.work import Work
from cop.mail.drawing import draw, redacted
from cop.mail.messages import MESSAGES
from cop.models.outbox import Outbox
from cop.services import rehearsals
from cop.services.rehearsals import Told
from cop.web import Outcome, attempt
from cop.web.templating import letter_name

T = TypeVar("T")


@dataclass(frozen=True)
class Letter:
    """One kind of message: what it is called, as the first of its recipients reads it, and who they are."""

    called: str
    subject: str
    text: str
    told: Sequence[Told]


class _Undone(Exception):  # noqa: N818  rolls a rehearsal back, and is never seen outside
    pass


@dataclass(frozen=True)
class Rehearsal(Generic[T]):
    """What a command would return and tell. Nothing of it has happened."""

    result: T
    letters: Sequence[Letter]
    seen: str


def once_sure(form: FlaskForm, command: Callable[[Work], T], *, asks_always: bool = False) -> Outcome[T] | Rehearsal[T]:
    """Carry the command out where whoever sent the form (a ``Sure``) has seen who is told; otherwise show them.

    Where nobody is told there is nothing to show, unless ``asks_always``. A refusal stands on the form, and so does it
    when somebody booked or cancelled since the page was shown; then the page is shown anew.
    """
    if form["sure"].data == "yes":
        done = attempt(form, rehearsals.as_rehearsed(command, seen=form["told"].data))
        if done or not form["told"].errors:
            return done
    rehearsed: list[Rehearsal[T]] = []

    def rehearse(work: Work) -> T:
        result, told = rehearsals.doing(work, command)
        rehearsed.append(Rehearsal(result, _letters(work, told), rehearsals.digest(told)))
        raise _Undone

    try:
        return attempt(form, rehearse)
    except _Undone:
        (shown,) = rehearsed
    if shown.letters or asks_always:
        return shown
    return attempt(form, rehearsals.as_rehearsed(command, seen=shown.seen))


def _letters(work: Work, told: Sequence[Told]) -> Sequence[Letter]:
    by_kind: dict[str, list[Told]] = defaultdict(list)
    for one in told:
        by_kind[one.template].append(one)
    return [_letter(work, template, found) for template, found in by_kind.items()]


def _letter(work: Work, template: str, told: Sequence[Told]) -> Letter:
    row = work.session.get_one(Outbox, told[0].outbox_id)
    drawn = draw(work, row, MESSAGES[template])
    shown = redacted(drawn) if drawn is not None else None
    words = (shown.subject, shown.text) if shown is not None else ("", "")
    return Letter(letter_name(template), *words, told)
