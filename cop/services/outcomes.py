"""What a summit led to: staff add reports and decisions, and say which follows from which.

``seen`` is the revision of the event that the page showed: see ``event_as_seen``.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.events import Event, EventKind
from cop.models.summits import Outcome, OutcomeKind
from cop.queries.outcomes import can_follow, one_of, outcomes_of
from cop.services.events.editing.shared import event_as_seen, https_address
from cop.services.organisations import clean_text
from cop.services.summits.inviting import known_organisations

MOST = 50


@dataclass(frozen=True)
class Said:
    """``organisation`` is a name that the directory knows, ``follows`` another outcome of the same event."""

    kind: OutcomeKind
    title: str
    words: str = ""
    url: str = ""
    on_date: date | None = None
    organisation: str = ""
    follows: int | None = None


def add_outcome(work: Work, *, event_id: int, seen: int, said: Said) -> Outcome:
    event = _summit(work, event_id, seen)
    found = outcomes_of(work, event)
    if len(found) >= MOST:
        raise Refusal(marked("There may be %(most)s outcomes at most"), most=MOST)
    outcome = Outcome(event_id=event.id, added_at=work.now, added_by=work.actor.person_id)
    _say(work, event, outcome, said, [other.outcome.id for other in can_follow(found, None)])
    work.session.add(outcome)
    work.session.flush()
    return outcome


def edit_outcome(work: Work, *, event_id: int, outcome_id: int, seen: int, said: Said) -> Outcome:
    event = _summit(work, event_id, seen)
    found = outcomes_of(work, event)
    one = one_of(found, outcome_id)
    _say(work, event, one.outcome, said, [other.outcome.id for other in can_follow(found, one)])
    work.session.flush()
    return one.outcome


def remove_outcome(work: Work, *, event_id: int, outcome_id: int, seen: int) -> None:
    """What followed from it follows from what it followed from itself."""
    event = _summit(work, event_id, seen)
    found = outcomes_of(work, event)
    gone = one_of(found, outcome_id).outcome
    for other in found:
        if other.outcome.follows == gone.id:
            other.outcome.follows = gone.follows
    work.session.flush()
    work.session.delete(gone)
    event.changed_at = work.now
    work.session.flush()


def _summit(work: Work, event_id: int, seen: int) -> Event:
    event = event_as_seen(work, event_id, seen)
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    return event


def _say(work: Work, event: Event, outcome: Outcome, said: Said, others: Collection[int]) -> None:
    if said.follows is not None and said.follows not in others:
        raise Refusal(marked("Choose one from the list"), field="follows")
    if said.on_date is not None and said.on_date > day_of(work.now):
        raise Refusal(marked("The day has to be today or earlier"), field="on_date")
    outcome.kind, outcome.title, outcome.words, outcome.on_date = said.kind, said.title, said.words, said.on_date
    outcome.url = https_address(said.url, field="url") if said.url else ""
    outcome.organisation_id, outcome.follows = _known(work, said.organisation), said.follows
    event.changed_at = work.now


def _known(work: Work, organisation: str) -> int | None:
    name = clean_text(organisation)
    if not name:
        return None
    known = known_organisations(work).get(name.casefold())
    if known is None:
        raise Refusal(
            marked("The directory knows no organisation of this name. Look at how it is written there."),
            field="organisation",
        )
    return known
