"""The stated rules by which one of two rows stays where two records cannot both bring theirs."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select

from cop.core.work import Reading
from cop.models.base import Base
from cop.models.cohorts import ApplicationState, Decision, ReviewState
from cop.models.events import Arrangement, BookingState, Mark, Seat
from cop.models.forum import FollowLevel
from cop.models.forum_mail import Pace
from cop.models.summits import Answer
from cop.models.surveys import Response
from cop.models.waiting import WaitingState
from cop.queries.merging.references import Row


class What(StrEnum):
    """What the two rows are."""

    ACCOUNT = "account"
    AFFILIATION = "affiliation"
    APPLICATION = "application"
    ASK = "ask"
    ASSIGNMENT = "assignment"
    BOOKED_AND_WAITING = "booked and waiting"
    BOOKING = "booking"
    CONFLICT = "conflict"
    CONSENT = "consent"
    CONSENT_WITHDRAWN = "consent withdrawn"
    FOLLOW = "follow"
    GRANT = "grant"
    INTEREST = "interest"
    INVITATION = "invitation"
    MENTION = "mention"
    PACE = "pace"
    PLAN = "plan"
    PREFERENCE = "preference"
    PROFILE = "profile"
    PROFILE_TAG = "profile tag"
    REACTION = "reaction"
    REPORT = "report"
    REVIEW = "review"
    RULES = "rules"
    SEAT = "seat"
    SEEN = "seen"
    SELF_RATING = "self-rating"
    SLOT_HOST = "slot host"
    SUBGROUP = "subgroup"
    SUCCESSION = "succession"
    TAKEN = "taken"
    USED = "used"
    USEFULNESS = "usefulness"
    WAITING = "waiting"


class Stays(StrEnum):
    """Which of two rows stays: that of the record that is kept, that of its double, or a person has to decide."""

    KEPT = "kept"
    GONE = "gone"
    NEITHER = "neither"


Rule = Callable[[Reading, Row, Row], Stays]
"""Looks at the row of the record that is kept and at that of its double."""


def _first(_read: Reading, _kept: Row, _gone: Row) -> Stays:
    return Stays.KEPT


def _neither(_read: Reading, _kept: Row, _gone: Row) -> Stays:
    return Stays.NEITHER


def _older(kept: Row, gone: Row) -> Stays:
    return Stays.KEPT if kept["id"] < gone["id"] else Stays.GONE


def _longer(_read: Reading, kept: Row, gone: Row) -> Stays:
    return _older(kept, gone)


def _newer(_read: Reading, kept: Row, gone: Row) -> Stays:
    """The one that was given last, in the words of that day."""
    return _older(gone, kept)


def _higher(kept: int, gone: int) -> Stays | None:
    if kept == gone:
        return None
    return Stays.KEPT if kept > gone else Stays.GONE


def _application(read: Reading, kept: Row, gone: Row) -> Stays:
    """Submitted before draft, then that which the panel has chosen upon, then the older."""

    def decided(row: Row) -> bool:
        return bool(read.session.scalar(select(exists().where(Decision.application_id == row["id"]))))

    if decided(kept) and decided(gone):
        return Stays.NEITHER
    by_state = _higher(*(int(row["state"] == ApplicationState.SUBMITTED) for row in (kept, gone)))
    return by_state or _higher(decided(kept), decided(gone)) or _older(kept, gone)


def ask(read: Reading, kept: Row, gone: Row) -> Stays:
    """The survey that was answered, or else begun."""

    def progress(row: Row) -> int:
        begun = select(exists().where(Response.ask_id == row["id"]))
        return 2 if row["done_on"] is not None else int(bool(read.session.scalar(begun)))

    return _higher(progress(kept), progress(gone)) or Stays.KEPT


def _booking(read: Reading, kept: Row, gone: Row) -> Stays:
    """The one of which it is known who came, else the older. Two of either, and nobody but a person can tell."""

    def is_marked(row: Row) -> bool:
        marks = exists().where(Mark.seat_id == Seat.id, Seat.booking_id == row["id"])
        return bool(read.session.scalar(select(marks)))

    def has_needs(row: Row) -> bool:
        return bool(read.session.scalar(select(exists().where(Arrangement.booking_id == row["id"]))))

    both_marked = is_marked(kept) and is_marked(gone)
    if both_marked or (has_needs(kept) and has_needs(gone)):
        return Stays.NEITHER
    return _higher(is_marked(kept), is_marked(gone)) or _older(kept, gone)


ANSWERS = {Answer.NONE: 0, Answer.NO: 1, Answer.TENTATIVE: 2, Answer.YES: 3}


def _invitation(_read: Reading, kept: Row, gone: Row) -> Stays:
    """The one that stands, and of two that stand the one with the warmer answer."""

    def warmth(row: Row) -> int:
        return ANSWERS[Answer(row["response"])] if row["withdrawn_at"] is None else -1

    return _higher(warmth(kept), warmth(gone)) or Stays.KEPT


def _preference(_read: Reading, kept: Row, gone: Row) -> Stays:
    """Whoever said no to a kind of mail gets none."""
    return _higher(not kept["wanted"], not gone["wanted"]) or Stays.KEPT


def _follow(_read: Reading, kept: Row, gone: Row) -> Stays:
    return _higher(kept["level"] == FollowLevel.MUTE, gone["level"] == FollowLevel.MUTE) or Stays.KEPT


def _review(_read: Reading, kept: Row, gone: Row) -> Stays:
    submitted = [row["state"] == ReviewState.SUBMITTED for row in (kept, gone)]
    return Stays.NEITHER if all(submitted) else _higher(*submitted) or Stays.KEPT


def _slot_host(_read: Reading, kept: Row, gone: Row) -> Stays:
    """The one who said yes, and else the one who has not answered yet."""
    warmth = {True: 2, None: 1, False: 0}
    return _higher(warmth[kept["accepted"]], warmth[gone["accepted"]]) or Stays.KEPT


def _latest(column: str) -> Rule:
    """The one of which the instant in the column is later."""

    def rule(_read: Reading, kept: Row, gone: Row) -> Stays:
        of_kept, of_gone = (datetime.fromisoformat(row[column]) for row in (kept, gone))
        return Stays.GONE if of_gone > of_kept else Stays.KEPT

    return rule


PACES = list(Pace)
"""From the most letters to none."""


def _quieter(_read: Reading, kept: Row, gone: Row) -> Stays:
    return _higher(*(PACES.index(Pace(row["pace"])) for row in (kept, gone))) or Stays.KEPT


def _self_rating(_read: Reading, kept: Row, gone: Row) -> Stays:
    """The one that is complete, and else the one that says more."""
    by_state = _higher(kept["done_at"] is not None, gone["done_at"] is not None)
    return by_state or _higher(len(kept["answers"]), len(gone["answers"])) or _older(kept, gone)


def _waiting(read: Reading, kept: Row, gone: Row) -> Stays:
    """That beside a booking which stays, for the rest of its party, else the earlier place in the queue; an open offer
    is answered first.
    """
    if WaitingState.OFFERED in {kept["state"], gone["state"]}:
        return Stays.NEITHER
    one, other = (_live_booking_of(read, row) for row in (kept, gone))
    if one is not None and other is not None:
        return _booking(read, one, other)
    return _higher(one is not None, other is not None) or _older(kept, gone)


def _live_booking_of(read: Reading, entry: Row) -> Row | None:
    bookings = Base.metadata.tables["booking"]
    own = (bookings.c.event_id == entry["event_id"], bookings.c.person_id == entry["person_id"])
    live = select(func.to_jsonb(bookings.table_valued())).where(*own, bookings.c.state == BookingState.LIVE)
    found: Row | None = read.session.scalar(live)
    return found


RULES: Mapping[str, tuple[What, Rule]] = {
    "pk_account": (What.ACCOUNT, _first),  # follows the address that is chosen
    "pk_assignment": (What.ASSIGNMENT, _first),
    "pk_conflict": (What.CONFLICT, _first),
    "pk_forum_mail": (What.PACE, _quieter),
    "pk_mention": (What.MENTION, _first),
    "pk_organisation_succession": (What.SUCCESSION, _first),
    "pk_preference": (What.PREFERENCE, _preference),
    "pk_profile": (What.PROFILE, _latest("changed_at")),
    "pk_profile_tag": (What.PROFILE_TAG, _first),
    "pk_reaction": (What.REACTION, _first),
    "pk_rules_accepted": (What.RULES, _first),
    "pk_space_seen": (What.SEEN, _latest("until")),
    "pk_subgroup_member": (What.SUBGROUP, _first),
    "uq_affiliation_live_primary": (What.AFFILIATION, _first),  # follows the place that is chosen
    "uq_application_one_live_per_person": (What.APPLICATION, _application),
    "uq_ask_once": (What.ASK, ask),
    "uq_booking_one_live_per_person": (What.BOOKING, _booking),
    "uq_commitment_plan": (What.PLAN, _latest("changed_at")),
    "uq_consent_standing": (What.CONSENT, _newer),
    "uq_follow_person_id_space_id": (What.FOLLOW, _follow),
    "uq_follow_person_id_topic_id": (What.FOLLOW, _follow),
    "uq_grant_live": (What.GRANT, _first),
    "uq_interest_person": (What.INTEREST, _longer),
    "uq_invitation_event_id_person_id": (What.INVITATION, _invitation),
    "uq_report_post_id_reporter_id": (What.REPORT, _first),
    "uq_resource_taken_person_id_resource_id": (What.TAKEN, _latest("taken_at")),
    "uq_resource_use_person_id_resource_id_step": (What.USED, _latest("at")),
    "uq_review_application_id_reviewer_id": (What.REVIEW, _review),
    "uq_seat_one_live_per_person": (What.SEAT, _neither),
    "uq_self_rating_organisation_id_programme_id_wave": (What.SELF_RATING, _self_rating),
    "uq_slot_host_part_id_person_id": (What.SLOT_HOST, _slot_host),
    "uq_usefulness_person_id_resource_id": (What.USEFULNESS, _latest("at")),
    "uq_waiting_one_live_per_person": (What.WAITING, _waiting),
}
