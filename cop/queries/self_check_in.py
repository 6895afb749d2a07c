"""Codes with which people check themselves in: what one stands for, and whether somebody is here already."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import contains_eager

from cop.core.work import Reading
from cop.models.doors import DoorCode
from cop.models.events import CAME, Claim, Event, Mark, Part, PartState, Seat

LENGTH = 6
"""Of 31 letters and digits, and only for a while: nobody finds an open one by trying."""

_OTHER = re.compile(r"[^a-z0-9]+")


def code_in(typed: str) -> str:
    """The code that somebody typed, whatever capitals and spaces they used."""
    return _OTHER.sub("", typed.lower())


def code_on_screen(code: str) -> str:
    """In capitals and two groups, as it stands on the slide."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}".strip().upper()


@dataclass(frozen=True)
class Open:
    """A code, with what it is for."""

    code: str
    closes_at: datetime
    part: Part

    @property
    def on_screen(self) -> str:
        return code_on_screen(self.code)


def open_code(read: Reading, *, typed: str) -> Open | None:
    """What this code stands for now; None where it stands for nothing, or for nothing any more."""
    row = read.session.execute(_open(read).where(DoorCode.code == code_in(typed))).one_or_none()
    return Open(*row) if row is not None else None


def open_codes(read: Reading, event: Event) -> Sequence[Open]:
    """Those of one event; the caller has checked that a host asks."""
    found = _open(read).where(DoorCode.event_id == event.id).order_by(Part.starts_at, Part.id)
    return [Open(*row) for row in read.session.execute(found)]


def _open(read: Reading) -> Select[*tuple[str, datetime, Part]]:
    return (
        select(DoorCode.code, DoorCode.closes_at, Part)
        .join(Part, Part.id == DoorCode.part_id)
        .join(Part.event)
        .options(contains_eager(Part.event))
        .where(DoorCode.opens_at <= read.now, DoorCode.closes_at > read.now, Part.state == PartState.PLANNED)
    )


def own_seat(read: Reading, *, part_id: int, person_id: int) -> int | None:
    """The seat that this person holds at the part."""
    return read.session.scalar(
        select(Seat.id)
        .join(Claim, and_(Claim.booking_id == Seat.booking_id, Claim.part_id == part_id, Claim.released_at.is_(None)))
        .where(Seat.person_id == person_id, Seat.live)
    )


def here_since(read: Reading, *, part_id: int, person_id: int) -> datetime | None:
    """When this person was said to be here; None where nobody did."""
    return read.session.scalar(
        select(Mark.recorded_at)
        .join(Seat, Seat.id == Mark.seat_id)
        .where(
            Mark.part_id == part_id,
            Mark.superseded_at.is_(None),
            Mark.status.in_(CAME),
            Seat.person_id == person_id,
            Seat.live,
        )
    )
