"""What merging people and merging organisations have in common: resolving what stands twice, and passing the rest."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, Table, delete, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Work
from cop.models.base import Base
from cop.models.cohorts import ApplicationState
from cop.models.events import BookingState, EntryStatus
from cop.models.forum import ReactionKind
from cop.models.merging import MergeKind
from cop.models.summits import SubstitutionState
from cop.models.surveys import Mode, Questionnaire, Response
from cop.models.waiting import WaitingState
from cop.queries.merging.clashes import Clash
from cop.queries.merging.previews import Preview, Side
from cop.queries.merging.references import Row, references
from cop.queries.merging.rules import What
from cop.services.merging.ledger import Ledger

CHANGED_MEANWHILE = marked(
    "One of the two records has been changed since you opened this page. Nothing was merged: look at them again, "
    "then choose once more."
)
MERGED_MEANWHILE = marked("Somebody else has merged one of the two records a moment ago")

REASONS = {
    What.APPLICATION: marked("The panel has chosen about both applications to “%(title)s”: withdraw one of them first"),
    What.BOOKED_AND_WAITING: marked(
        "One of them has booked “%(title)s”, and the other has an open offer from its waiting list: "
        "it is answered first"
    ),
    What.BOOKING: marked(
        "Both have booked “%(title)s”, and attendance is marked for both or both said what they need: cancel one of "
        "the bookings first"
    ),
    What.REVIEW: marked("Both have sent a review of the same application to “%(title)s”, and one person has one"),
    What.SEAT: marked("Both hold a seat at “%(title)s”: cancel one of the bookings first"),
    What.WAITING: marked("One of them has an open offer from the waiting list of “%(title)s”: it is answered first"),
}
"""Why a person has to decide before two records can become one."""


ENDED_BY = {
    What.GRANT: "revoked_at",
    What.CONSENT: "withdrawn_at",
    What.CONSENT_WITHDRAWN: "withdrawn_at",
    What.INTEREST: "ended_at",
}
"""The column that says since when a row counts no longer."""


def only_admins(work: Work) -> None:
    if not work.actor.is_admin():
        raise NotFound


def refuse_unless_as_seen(preview: Preview[Side], *, take: Collection[str], seen: str) -> None:
    if preview.seen != seen:
        raise Refusal(CHANGED_MEANWHILE)
    for clash in preview.refused:
        raise Refusal(REASONS[clash.what], title=clash.title)
    if not set(take) <= set(preview.choices):
        raise Refusal(CHANGED_MEANWHILE)


def taken(preview: Preview[Side], take: Collection[str]) -> list[str]:
    """The fields in which the double's value stays: those chosen and those that follow a rule."""
    return [*take, *(name for name, of_gone in preview.settled.items() if of_gone)]


def resolve(work: Work, ledger: Ledger, clashes: Iterable[Clash]) -> None:
    """Carry out the stated rule for everything that stands twice. Nobody is told: they are one person."""
    for clash in clashes:
        match clash.what:
            case What.ACCOUNT | What.AFFILIATION:
                pass  # these follow the address and the place that were chosen
            case What.APPLICATION:
                state = ApplicationState.WITHDRAWN
                ledger.change(clash.table, clash.ends, state=state, withdrawn_at=work.now)
            case What.BOOKING:
                _end_booking(work, ledger, clash)
            case What.INVITATION:
                _end_invitation(ledger, clash)
            case What.GRANT | What.CONSENT | What.CONSENT_WITHDRAWN | What.INTEREST:
                ledger.change(clash.table, clash.ends, **{ENDED_BY[clash.what]: work.now})
            case What.WAITING | What.BOOKED_AND_WAITING:
                ledger.change(clash.table, clash.ends, state=WaitingState.LEFT, ended_at=work.now)
            case What.REACTION:
                ledger.remove(clash.table, clash.ends)
                count_reactions(work, [clash.ends], by=-1)
            case What.ASK | What.PLAN:
                _remove_with_children(work, ledger, clash)
            case _:
                ledger.remove(clash.table, clash.ends)


COUNTED_IN = {ReactionKind.HELPED: "helped", ReactionKind.ME_TOO: "me_too"}


def count_reactions(work: Work, reactions: Iterable[Row], *, by: int) -> None:
    """Let posts count so many reactions more. Others may react meanwhile, so the counters stand in no ledger."""
    posts = _table("post")
    for reaction in reactions:
        counter = posts.c[COUNTED_IN[ReactionKind(reaction["kind"])]]
        work.session.execute(update(posts).where(posts.c.id == reaction["post_id"]).values({counter: counter + by}))


def _end_invitation(ledger: Ledger, clash: Clash) -> None:
    """Whom either of the two sends or wants to send goes with the invitation that stays, and so do answers from their
    calendars; of two who are proposed, the one of the other is taken back.
    """
    proposals, ends, stays = _table("substitution"), clash.ends["id"], clash.remains["id"]
    is_open = proposals.c.state == SubstitutionState.PROPOSED
    two_are_open = bool(ledger.rows(proposals, proposals.c.invitation_id == stays, is_open))
    for proposal in ledger.rows(proposals, proposals.c.invitation_id == ends):
        taken_back = two_are_open and proposal["state"] == SubstitutionState.PROPOSED
        state = SubstitutionState.TAKEN_BACK if taken_back else SubstitutionState(proposal["state"])
        ledger.change(proposals, proposal, invitation_id=stays, state=state)
    for sent in ledger.rows(clash.table, clash.table.c.substitute_for == ends):
        ledger.change(clash.table, sent, substitute_for=stays if sent["id"] != stays else None)
    replies = _table("calendar_reply")
    for reply in ledger.rows(replies, replies.c.invitation_id == ends):
        ledger.change(replies, reply, invitation_id=stays)
    ledger.remove(clash.table, clash.ends)


def _remove_with_children(work: Work, ledger: Ledger, clash: Clash) -> None:
    """Remove the row that does not stay, and before it what points to it. Answers without names never come back: a
    ledger that kept them would tell for ever whose they were.
    """
    column, row_id = CHILDREN[clash.what], clash.ends["id"]
    if clash.what is What.ASK:
        anonymous = select(Questionnaire.id).where(Questionnaire.mode == Mode.ANONYMOUS)
        work.session.execute(delete(Response).where(column == row_id, Response.questionnaire_id.in_(anonymous)))
    for child in ledger.rows(column.table, column == row_id):
        for below in BELOW_ANSWERS if clash.what is What.ASK else ():
            for row in ledger.rows(below.table, below == child["id"]):
                ledger.remove(below.table, row)
        ledger.remove(column.table, child)
    ledger.remove(clash.table, clash.ends)


def _end_booking(work: Work, ledger: Ledger, clash: Clash) -> None:
    """Cancel the booking that does not stay; what was arranged for it goes with the one that does."""
    claims, seats, entries = _table("claim"), _table("seat"), _table("entry")
    arrangements, booking_id = _table("arrangement"), clash.ends["id"]
    ledger.move(arrangements.c.booking_id, from_id=booking_id, to_id=clash.remains["id"])
    questions = _table("advance_question")
    if not ledger.rows(questions, questions.c.booking_id == clash.remains["id"]):
        ledger.move(questions.c.booking_id, from_id=booking_id, to_id=clash.remains["id"])
    ledger.change(clash.table, clash.ends, state=BookingState.CANCELLED, cancelled_at=work.now)
    for claim in ledger.rows(claims, claims.c.booking_id == booking_id, claims.c.released_at.is_(None)):
        ledger.change(claims, claim, released_at=work.now)
    for seat in ledger.rows(seats, seats.c.booking_id == booking_id, seats.c.live):
        ledger.change(seats, seat, live=False)
    confirmed = entries.c.status == EntryStatus.CONFIRMED
    for entry in ledger.rows(entries, entries.c.booking_id == booking_id, confirmed):
        sequence = entry["sequence"] + 1
        ledger.change(entries, entry, status=EntryStatus.CANCELLED, sequence=sequence, changed_at=work.now)


CHILDREN: Mapping[What, Column[Any]] = {
    What.ASK: Base.metadata.tables["response"].c.ask_id,
    What.PLAN: Base.metadata.tables["commitment_check"].c.commitment_id,
}


BELOW_ANSWERS: Sequence[Column[Any]] = (
    Base.metadata.tables["answer_code"].c.response_id,
    Base.metadata.tables["quotation"].c.response_id,
)
"""What evaluators made of an answer."""


def _table(name: str) -> Table:
    return Base.metadata.tables[name]


def pass_over(ledger: Ledger, kind: MergeKind, *, gone_id: int, kept_id: int) -> None:
    """Let everything that points to the double point to the record that is kept."""
    for column in references(kind):
        ledger.move(column, from_id=gone_id, to_id=kept_id)
