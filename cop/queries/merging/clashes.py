"""What two records cannot both bring into one, and which of the two rows stays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import aliased

from cop.core.work import Reading
from cop.models.base import Base
from cop.models.cohorts import Application
from cop.models.events import BookingState, Event, Part
from cop.models.forum import Post, Space, Topic
from cop.models.merging import MergeKind
from cop.models.programmes import Programme
from cop.models.surveys import Questionnaire, Wave
from cop.models.tags import Tag
from cop.models.toolkit import Resource
from cop.models.waiting import WaitingState
from cop.queries.merging.references import Key, Row, doubles, unique_keys
from cop.queries.merging.rules import RULES, Stays, What, ask
from cop.queries.waiting import LIVE


@dataclass(frozen=True)
class Clash:
    """Two rows of which one can stay. ``title`` names the event, topic or programme that they are about."""

    what: What
    table: Table
    stays: Stays
    kept: Row
    gone: Row
    title: str = ""

    @property
    def is_refused(self) -> bool:
        return self.stays is Stays.NEITHER

    @property
    def ends(self) -> Row:
        """The row that does not stay."""
        return self.kept if self.stays is Stays.GONE else self.gone

    @property
    def remains(self) -> Row:
        return self.gone if self.stays is Stays.GONE else self.kept


def clashes(read: Reading, kind: MergeKind, *, kept_id: int, gone_id: int) -> Sequence[Clash]:
    """Everything that stands twice, by the rules of the house."""
    found = []
    for key in unique_keys(kind):
        what, rule = RULES[key.name]
        for kept, gone in doubles(read, key, kept_id=kept_id, gone_id=gone_id):
            stays = rule(read, kept, gone)
            found.append(Clash(what, key.column.table, stays, kept, gone, _title(read, key, kept)))
    if kind is MergeKind.PERSON:
        found += _waits_beside_a_booking(read, found, kept_id=kept_id, gone_id=gone_id)
        found += _withdrawn_since(read, kept_id=kept_id, gone_id=gone_id)
        found += _asked_in_two_versions(read, found, kept_id=kept_id, gone_id=gone_id)
    return [clash for clash in found if clash.what is not What.SEAT or not _goes_with_a_booking(clash, found)]


def _goes_with_a_booking(seats: Clash, found: Sequence[Clash]) -> bool:
    """Whether the seats are those of two bookings of which one ends anyway."""
    pair = (seats.kept["booking_id"], seats.gone["booking_id"])
    return any(clash.what is What.BOOKING and (clash.kept["id"], clash.gone["id"]) == pair for clash in found)


def _waits_beside_a_booking(read: Reading, found: Sequence[Clash], *, kept_id: int, gone_id: int) -> Sequence[Clash]:
    """One has booked what the other waits for. The booking stays, as it does whenever somebody who waits books; who
    has the rest of a party on the list, beside a booking that stays, goes on waiting.
    """
    told = {
        (clash.what, clash.kept["event_id"]): clash for clash in found if clash.what in {What.BOOKING, What.WAITING}
    }
    pairs = []
    for booker_id, entrant_id in ((kept_id, gone_id), (gone_id, kept_id)):
        for booking, entry in _booked_and_waiting(read, booker_id, entrant_id):
            bookings, entries = (told.get((what, entry["event_id"])) for what in (What.BOOKING, What.WAITING))
            ends_anyway = entries is not None and (entries.is_refused or entries.ends["id"] == entry["id"])
            of_entrant = bookings is not None and (bookings.is_refused or bookings.ends["id"] == booking["id"])
            if not (ends_anyway or of_entrant):
                pairs.append((booker_id == kept_id, booking, entry))
    titles = {entry["event_id"]: read.session.scalar(TITLES["event_id"](entry["event_id"])) for _, _, entry in pairs}
    return [
        Clash(
            What.BOOKED_AND_WAITING,
            Base.metadata.tables["waiting"],
            _rule_of_booked(entry, is_gone=is_gone),
            *((booking, entry) if is_gone else (entry, booking)),
            titles[entry["event_id"]] or "",
        )
        for is_gone, booking, entry in pairs
    ]


def _rule_of_booked(entry: Row, *, is_gone: bool) -> Stays:
    if entry["state"] == WaitingState.OFFERED:
        return Stays.NEITHER
    return Stays.KEPT if is_gone else Stays.GONE


def _booked_and_waiting(read: Reading, booker_id: int, entrant_id: int) -> Sequence[tuple[Row, Row]]:
    """Live bookings of the one with live entries of the other, of the same event, as JSON."""
    bookings, entries = Base.metadata.tables["booking"], Base.metadata.tables["waiting"]
    pairs = (
        select(func.to_jsonb(bookings.table_valued()), func.to_jsonb(entries.table_valued()))
        .select_from(bookings)
        .join(entries, entries.c.event_id == bookings.c.event_id)
        .where(bookings.c.person_id == booker_id, bookings.c.state == BookingState.LIVE)
        .where(entries.c.person_id == entrant_id, entries.c.state.in_(LIVE))
        .order_by(entries.c.id)
    )
    return [(row[0], row[1]) for row in read.session.execute(pairs)]


def _withdrawn_since(read: Reading, *, kept_id: int, gone_id: int) -> Sequence[Clash]:
    """One agreed to something, and the other withdrew it later and agrees no more: the last word counts."""
    table = Base.metadata.tables["consent"]
    given, ended, again = table.alias("given"), table.alias("ended"), table.alias("again")
    agrees_again = exists().where(
        again.c.person_id == ended.c.person_id, again.c.purpose == ended.c.purpose, again.c.withdrawn_at.is_(None)
    )
    pairs = (
        select(func.to_jsonb(given.table_valued()), func.to_jsonb(ended.table_valued()))
        .join(ended, ended.c.purpose == given.c.purpose)
        .where(
            tuple_(given.c.person_id, ended.c.person_id).in_([(kept_id, gone_id), (gone_id, kept_id)]),
            given.c.withdrawn_at.is_(None),
            ended.c.withdrawn_at > given.c.given_at,
            ~agrees_again,
        )
        .order_by(given.c.id, ended.c.id)
    )
    last = {row[0]["id"]: (row[0], row[1]) for row in read.session.execute(pairs)}
    return [
        Clash(What.CONSENT_WITHDRAWN, table, Stays.GONE, standing, withdrawn)
        if standing["person_id"] == kept_id
        else Clash(What.CONSENT_WITHDRAWN, table, Stays.KEPT, withdrawn, standing)
        for standing, withdrawn in last.values()
    ]


def _asked_in_two_versions(read: Reading, found: Sequence[Clash], *, kept_id: int, gone_id: int) -> Sequence[Clash]:
    """Both were asked in one wave about the same thing, each in another version of the questions.

    By hand people are asked several things, which are told apart by the code of the questionnaire.
    """
    table = Base.metadata.tables["ask"]
    one, other = table.alias("one"), table.alias("other")
    of_one, of_other = aliased(Questionnaire), aliased(Questionnaire)
    pairs = (
        select(func.to_jsonb(one.table_valued()), func.to_jsonb(other.table_valued()), Event.title)
        .select_from(one)
        .join(other, and_(*(one.c[name] == other.c[name] for name in ("subject_kind", "subject_id", "wave"))))
        .join(of_one, of_one.id == one.c.questionnaire_id)
        .join(of_other, of_other.id == other.c.questionnaire_id)
        .join(Event, Event.id == one.c.subject_id)
        .where(one.c.person_id == kept_id, other.c.person_id == gone_id, of_one.id != of_other.id)
        .where(or_(one.c.wave != Wave.ONCE, of_one.code == of_other.code))
        .order_by(one.c.id, other.c.id)
    )
    ended = {clash.ends["id"] for clash in found if clash.what is What.ASK}
    made = []
    for kept, gone, title in read.session.execute(pairs):
        if not ended & {kept["id"], gone["id"]}:
            clash = Clash(What.ASK, table, ask(read, kept, gone), kept, gone, title)
            made.append(clash)
            ended.add(clash.ends["id"])
    return made


TITLES: Mapping[str, Any] = {
    "event_id": lambda row_id: select(Event.title).where(Event.id == row_id),
    "cohort_id": lambda row_id: select(Event.title).where(Event.id == row_id),
    "source_id": lambda row_id: select(Event.title).where(Event.id == row_id),
    "subject_id": lambda row_id: select(Event.title).where(Event.id == row_id),
    "part_id": lambda row_id: select(Event.title).join(Part, Part.event_id == Event.id).where(Part.id == row_id),
    "application_id": lambda row_id: (
        select(Event.title).join(Application, Application.cohort_id == Event.id).where(Application.id == row_id)
    ),
    "post_id": lambda row_id: select(Topic.title).join(Post, Post.topic_id == Topic.id).where(Post.id == row_id),
    "topic_id": lambda row_id: select(Topic.title).where(Topic.id == row_id),
    "space_id": lambda row_id: select(Space.name).where(Space.id == row_id),
    "resource_id": lambda row_id: select(Resource.title).where(Resource.id == row_id),
    "tag_id": lambda row_id: select(Tag.name).where(Tag.id == row_id),
    "programme_id": lambda row_id: select(Programme.name).where(Programme.id == row_id),
}
"""What names the thing that a row is about, by the column that points there."""


def _title(read: Reading, key: Key, row: Row) -> str:
    for column in key.others:
        if column.name in TITLES and row[column.name] is not None:
            return read.session.scalar(TITLES[column.name](row[column.name])) or ""
    return ""
