"""Messages that staff can take as they are, or change, for an event of some kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from cop.models.events import EventKind
from cop.models.telling import Anchor, RuleAudience
from cop.services.rules import Terms

DAY = timedelta(days=1)


@dataclass(frozen=True)
class ReadyMade:
    """``code`` names it in the address of a form that is filled in with its ``terms``."""

    code: str
    kinds: frozenset[EventKind]
    terms: Terms


_ON_SITE = frozenset({EventKind.SUMMIT, EventKind.COHORT})
_BOOKED = frozenset({EventKind.VISIT, EventKind.WEBINAR, EventKind.SUMMIT})

READY_MADE: Sequence[ReadyMade] = (
    ReadyMade(
        "getting-ready",
        _ON_SITE,
        Terms(
            RuleAudience.BOOKED,
            Anchor.START,
            -14 * DAY,
            "Getting ready for {event}",
            "In two weeks we meet for **{event}**: {when}.\n\n"
            "It helps if you bring\n\n"
            "- one thing that you are proud of where you work\n"
            "- one thing that you are stuck with\n"
            "- a question that you would like to ask the others\n\n"
            "If you cannot come after all, tell us now, so that somebody else can have your place.",
        ),
    ),
    ReadyMade(
        "answer-soon",
        frozenset({EventKind.SUMMIT}),
        Terms(
            RuleAudience.SILENT,
            Anchor.DEADLINE,
            -14 * DAY,
            "Can you come to {event}?",
            "We have kept a place for you at **{event}** ({when}) and have not heard from you yet.\n\n"
            "Yes or no, both help us: answer by {until}.",
        ),
    ),
    ReadyMade(
        "answer-now",
        frozenset({EventKind.SUMMIT}),
        Terms(
            RuleAudience.SILENT,
            Anchor.DEADLINE,
            -3 * DAY,
            "Last days to answer: {event}",
            "You can answer our invitation to **{event}** until {until}. Afterwards your place goes to somebody who "
            "waits.",
        ),
    ),
    ReadyMade(
        "still-waiting",
        _BOOKED,
        Terms(
            RuleAudience.WAITING,
            Anchor.START,
            -4 * DAY,
            "You are still on the waiting list for {event}",
            "No place has become free for you yet at **{event}**. You are still on the list, and we write at once if "
            "one does.\n\nIf you have other plans by now, leave the list, so that others move up.",
        ),
    ),
    ReadyMade(
        "go-on",
        frozenset({EventKind.COHORT}),
        Terms(
            RuleAudience.DRAFTING,
            Anchor.DEADLINE,
            -7 * DAY,
            "A week left for your application to {event}",
            "You have begun an application to **{event}**. It can be sent until {until}.\n\n"
            "It is kept as you left it. What is not sent by then cannot be considered.",
        ),
    ),
    ReadyMade(
        "thank-you",
        frozenset(EventKind) - {EventKind.MEET_UP},
        Terms(
            RuleAudience.ATTENDED,
            Anchor.END,
            DAY,
            "Thank you for coming to {event}",
            "It was good to have you at **{event}**.\n\n"
            "What will you do with it? Tell one colleague this week what you took away: it is the surest way to "
            "keep it.",
        ),
    ),
    ReadyMade(
        "missed-you",
        frozenset({EventKind.WEBINAR, EventKind.SUMMIT}),
        Terms(
            RuleAudience.NO_SHOW,
            Anchor.END,
            DAY,
            "We missed you at {event}",
            "You had a place at **{event}** and could not come. That happens.\n\n"
            "Its page shows what is left of it to read or to watch.",
        ),
    ),
)


def ready_made_for(kind: EventKind) -> Sequence[ReadyMade]:
    return [one for one in READY_MADE if kind in one.kinds]
