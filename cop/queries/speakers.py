"""Reads about those who speak at an event: for its pages, for the staff who ask them, and by the link in their mail."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import selectinload

from cop.core import secrecy
from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.events import Event, EventState, Part, PartState
from cop.models.files import File
from cop.models.webinars import Speaker
from cop.queries import events

PURPOSE = "speaker"


class Standing(StrEnum):
    """How far it has come to ask somebody who speaks."""

    UNREACHED = "unreached"
    """Nobody has given an address to ask."""
    NOT_ASKED = "not asked"
    SILENT = "silent"
    ANSWERED = "answered"
    DECLINED = "declined"


TO_ASK = (Standing.NOT_ASKED, Standing.SILENT)


def standing(speaker: Speaker) -> Standing:
    if speaker.declined_at is not None:
        return Standing.DECLINED
    if speaker.answered_at is not None:
        return Standing.ANSWERED
    if speaker.email is None:
        return Standing.UNREACHED
    return Standing.SILENT if speaker.asked_at is not None else Standing.NOT_ASKED


def of_event(read: Reading, event_id: int) -> Sequence[Speaker]:
    """All of them in their order, for staff."""
    return read.session.scalars(_of_event(), {"event_id": event_id}).all()


def shown(read: Reading, event_id: int) -> Sequence[Speaker]:
    """Those whom the page of the event names: whoever declined is not among them."""
    return [speaker for speaker in of_event(read, event_id) if speaker.declined_at is None]


@cache
def _of_event() -> Select[Speaker]:
    return select(Speaker).where(Speaker.event_id == bindparam("event_id")).order_by(Speaker.position, Speaker.id)


@dataclass(frozen=True)
class Consents:
    """What those who speak say to being recorded, by name."""

    agreed: Sequence[str]
    refused: Sequence[str]
    unknown: Sequence[str]


def consents(speakers: Sequence[Speaker]) -> Consents:
    said: dict[bool | None, list[str]] = {True: [], False: [], None: []}
    for speaker in speakers:
        if speaker.declined_at is None:
            said[speaker.may_record].append(speaker.name)
    return Consents(said[True], said[False], said[None])


@dataclass(frozen=True)
class Asked:
    """Somebody who speaks, as the page of their link shows it: at what, and when."""

    speaker: Speaker
    event: Event
    parts: Sequence[Part]

    def is_over(self, now: datetime) -> bool:
        return is_over(self.event, self.parts, now)


def is_over(event: Event, parts: Sequence[Part], now: datetime) -> bool:
    """Whether nobody waits for an answer any more. Before the time is set, somebody does."""
    ends = [part.ends_at for part in parts if part.state is PartState.PLANNED]
    return event.state is EventState.CANCELLED or (bool(ends) and max(ends) <= now)


def revision(speaker: Speaker) -> int:
    """A number that stands for all that the page of the link shows."""
    shown = (speaker.role_title, speaker.organisation, speaker.about, speaker.abstract, speaker.timezone)
    more = (speaker.photo, speaker.photo_alt, speaker.may_record, speaker.declined_at)
    return int(hashlib.sha256(repr((shown, more)).encode()).hexdigest()[:15], 16)


def link_token(speaker: Speaker) -> str:
    return secrecy.sign(PURPOSE, speaker.public_id, speaker.generation)


def of_link(read: Reading, *, token: str) -> Asked:
    """NotFound for a forged link, and once somebody else is asked in this person's place."""
    public_id, generation = secrecy.read_signed(PURPOSE, token) or ("", 0)
    speaker = read.session.scalars(select(Speaker).where(Speaker.public_id == public_id)).one_or_none()
    if speaker is None or speaker.generation != generation:
        raise NotFound
    return _asked(read, speaker)


def asked(read: Reading, speaker_id: int) -> Asked:
    """As a mail about it shows it."""
    speaker = read.session.get(Speaker, speaker_id)
    if speaker is None:
        raise NotFound
    return _asked(read, speaker)


def _asked(read: Reading, speaker: Speaker) -> Asked:
    found = select(Event).where(Event.id == speaker.event_id).options(selectinload(Event.parts))
    event = read.session.scalars(found).one()
    planned = [part for part in event.parts if part.state is PartState.PLANNED]
    own = [part for part in planned if part.id == speaker.part_id]
    return Asked(speaker, event, own or planned)


def photo_of_link(read: Reading, *, token: str) -> File:
    return _photo(read, of_link(read, token=token).speaker)


def photo(read: Reading, *, slug: str, public_id: str) -> File:
    """For whoever may see the page of the event."""
    event = events.event_page(read, slug=slug, alone=True)
    wanted = select(Speaker).where(Speaker.event_id == event.id, Speaker.public_id == public_id)
    speaker = read.session.scalars(wanted).one_or_none()
    if speaker is None:
        raise NotFound
    return _photo(read, speaker)


def _photo(read: Reading, speaker: Speaker) -> File:
    if speaker.photo is None:
        raise NotFound
    return read.session.get_one(File, speaker.photo)
