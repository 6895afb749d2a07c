"""The directory of members of the demonstration, letters in it, and what people offer one another in the forum."""

from collections.abc import Sequence

from sqlalchemy import select

from cop.core.work import Work
from cop.demo.forum import COURSE_SLUG, completed
from cop.demo.stage import Stage, as_person
from cop.models.accounts import Person
from cop.models.events import Event
from cop.models.forum import Space, TopicKind
from cop.models.tags import Tag
from cop.queries.members import HELP_KINDS
from cop.services import forum, members, relays
from cop.services.forum import offering
from cop.services.forum.sorting import About

Words = Sequence[str]

ENTRIES: Sequence[tuple[str, Words, Words]] = (
    (
        "I work with a tenants’ association on damp and mould. Ask me how to get through forty doors in one evening.",
        ("Housing", "Community organising"),
        ("Evaluation and data",),
    ),
    (
        "Public health analyst. I like small numbers, and I can say what they do not show.",
        ("Evaluation and data", "Income"),
        ("Running a residents’ panel",),
    ),
    (
        "I chair a residents’ panel that reads our strategies before the cabinet does.",
        ("Running a residents’ panel", "Plain language and easy read"),
        ("Writing bids",),
    ),
    (
        "Fourteen years in the voluntary sector, and more bids than I can count. Some of them were won.",
        ("Writing bids", "Setting up a co-operative"),
        ("Working with health partners",),
    ),
    ("", ("Early years", "Peer research"), ("Digital inclusion",)),
)
"""What those who completed the first course say of themselves, what they can help with, and what they look for."""

ALUMNA = "Housing officer. I take a health visitor along to the estate walkabouts."
FACILITATOR = "I facilitate the courses. Ask me whom to ask."

SPACE = "project-updates"


def load(stage: Stage) -> None:
    event = stage.work.session.scalars(select(Event).where(Event.slug == COURSE_SLUG)).one()
    alumna, facilitator = stage.role("alumna"), stage.role("facilitator")
    others = [person for person in completed(stage.work, event) if person.id != alumna.id]
    words = _words(stage.work)
    for person, (about, offers, seeks) in zip(others, ENTRIES, strict=False):
        _join(stage, person, about, [words[word] for word in offers], [words[word] for word in seeks])
    _join(stage, alumna, ALUMNA, [words["Housing"]], [words["Community organising"], words["Writing bids"]])
    _join(stage, facilitator, FACILITATOR, [words["Facilitation"], words["Telling stories"]], [])
    _write(stage, alumna, others[0])
    _offer(stage, words, alumna, others)


def _words(work: Work) -> dict[str, int]:
    found = work.session.scalars(select(Tag).where(Tag.kind.in_(HELP_KINDS)))
    return {tag.name: tag.id for tag in found}


def _join(stage: Stage, person: Person, about: str, offers: Sequence[int], seeks: Sequence[int]) -> None:
    then = as_person(stage.work, person, stage.at(-12, 11))
    shown = {"shows_organisation": True, "shows_role": True, "takes_letters": True}
    members.save(then, about=about, offers=offers, seeks=seeks, revision=0, **shown)


def _write(stage: Stage, alumna: Person, other: Person) -> None:
    """A letter with its answer."""
    letter = relays.write(
        as_person(stage.work, alumna, stage.at(-6, 10)),
        public_id=other.public_id,
        body="Forty doors in one evening: how many of you were there, and what did you say first?\n\n"
        "We have a block with a hundred flats and would like to try it in spring.",
    )
    relays.answer(
        as_person(stage.work, other, stage.at(-5, 15)),
        public_id=letter.public_id,
        body="Six of us, in pairs, a tenant in each pair. The tenant speaks first. Come along on the next evening, "
        "and take the list of questions home with you.",
    )


def _offer(stage: Stage, words: dict[str, int], alumna: Person, others: Sequence[Person]) -> None:
    """An ask and an offer that fit together, an offer that waits, and an ask that was settled."""
    space_id = stage.work.session.scalars(
        select(Space.id).where(Space.programme_id == stage.programme.id, Space.ready_made == SPACE)
    ).one()

    def write(author: Person, days: int, kind: TopicKind, title: str, body: str, *names: str) -> int:
        then = as_person(stage.work, author, stage.at(days, 14))
        about = About(kind=kind, tag_ids=[words[name] for name in names])
        return forum.open_topic(then, space_id=space_id, title=title, body=body, about=about).id

    write(
        alumna,
        -7,
        TopicKind.ASK,
        "Somebody to read a bid before Friday week",
        "Eight pages for the damp and mould fund. I need a pair of eyes that has read bids before, for an hour.",
        "Writing bids",
        "Housing",
    )
    write(
        others[3],
        -3,
        TopicKind.OFFER,
        "I read bids, two a month",
        "Send me yours a week before it is due. I say what a funder will ask, in a page of notes.",
        "Writing bids",
    )
    write(
        others[2],
        -2,
        TopicKind.OFFER,
        "Sit in with our residents’ panel",
        "First Tuesday of each month, two chairs at the back. Bring a question, take our way of paying expenses home.",
        "Running a residents’ panel",
    )
    settled = write(
        others[1],
        -9,
        TopicKind.ASK,
        "A room in Oldham for thirty people",
        "For one evening, with a step-free way in. We can bring the tea.",
        "Communities and environment",
    )
    offering.settle(as_person(stage.work, others[1], stage.at(-4, 9)), topic_id=settled)
