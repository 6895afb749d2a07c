"""Who is invited, who is reminded, and whose invitation is taken back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ARRAY, Text, any_, func, literal, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.work import Reading, Work
from cop.formats.tables import Row
from cop.models.accounts import Affiliation, Person
from cop.models.events import Event, EventKind, EventState
from cop.models.organisations import Organisation
from cop.models.outbox import OutboxClass
from cop.models.summits import Answer, Invitation, SubstitutionState
from cop.models.waiting import WaitingState
from cop.queries.staff_events import may_edit
from cop.queries.summits import Wanted, answers_until, fits, may_be_reminded, unanswered
from cop.services import accounts, outbox
from cop.services.events.booking import advance, end_booking, leave_line
from cop.services.events.booking.places import entries_of
from cop.services.events.editing.shared import event_to_edit
from cop.services.events.editing.summits import post_invitations
from cop.services.imports.planning import Action, Line, Plan, PlanRefused, Reason, refuse
from cop.services.organisations import clean_name, clean_text
from cop.services.summits.shared import live_booking, locked_invitation, open_proposal, with_parts

MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Known:
    """Somebody whom the programme knows, with their invitation to this event, if there is one."""

    person_id: int
    name: str
    invitation_id: int | None
    is_withdrawn: bool


@dataclass(frozen=True)
class Newcomer:
    """Somebody whom the programme does not know yet, as the list has them."""

    name: str
    email: str | None
    organisation: str


@dataclass
class Draft:
    """A plan in the making, with whom its lines are about; ``seen`` has the line of each address or name."""

    known: Mapping[str | None, Known]
    without_email: frozenset[str]
    lines: list[Line] = field(default_factory=list)
    newcomers: list[Newcomer] = field(default_factory=list)
    person_ids: list[int] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    seen: dict[str, int] = field(default_factory=dict)


def plan_invitations(read: Reading, *, event_id: int, rows: Sequence[Row]) -> Plan:
    """What inviting these rows would do, line by line. Their columns are ``email``, ``name`` and ``organisation``."""
    event = read.session.get(Event, event_id)
    if event is None or not may_edit(read.actor, event):
        raise NotFound
    return Plan(tuple(_draft(read, event, rows).lines))


def invite(work: Work, *, event_id: int, rows: Sequence[Row]) -> Plan:
    """Invite them all, or nobody where a line is refused; a published summit writes to them at once.

    Of people who are known already nothing is changed.
    """
    event = event_to_edit(work, event_id)
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    _refuse_closed(work, event)
    draft = _draft(work, event, rows)
    plan = Plan(tuple(draft.lines))
    if plan.refused:
        raise PlanRefused(plan)
    organisations = known_organisations(work) if draft.newcomers else {}
    newcomers = [person_of(work, newcomer, organisations) for newcomer in draft.newcomers]
    anew = {"withdrawn_at": None, "response": Answer.NONE, "answered_at": None, "reminded_at": None}
    again = update(Invitation).where(Invitation.id.in_(draft.again))
    work.session.execute(again.values(invited_at=work.now, generation=Invitation.generation + 1, **anew))
    _add(work, event, [*draft.person_ids, *newcomers])
    return plan


def invite_fitting(work: Work, *, event_id: int, wanted: Wanted, seen: int) -> int:
    """Invite all of the directory who fit and were never invited to this; how many those are.

    ``seen`` stands for those whom the page counted: see ``queries.summits.Fits``.
    """
    event = event_to_edit(work, event_id)
    if event.kind is not EventKind.SUMMIT:
        raise NotFound
    _refuse_closed(work, event)
    if wanted.is_everybody:
        raise Refusal(marked("Choose at least one of these: nobody invites the whole directory"))
    found = fits(work, event, wanted)
    if found.seen != seen:
        raise Refusal(
            marked("Others fit now than when you looked, or some are invited already. Look again, then invite them.")
        )
    if len(found.new) > MOST_AT_ONCE:
        raise Refusal(marked("Invite at most %(most)s people at once"), most=MOST_AT_ONCE)
    _add(work, event, [one.person_id for one in found.new])
    return len(found.new)


def _add(work: Work, event: Event, person_ids: Sequence[int]) -> None:
    work.session.add_all(
        Invitation(event_id=event.id, person_id=person_id, invited_at=work.now, invited_by=work.actor.person_id)
        for person_id in person_ids
    )
    work.session.flush()
    if event.state is EventState.PUBLISHED:
        post_invitations(work, event)


def _refuse_closed(work: Work, event: Event) -> None:
    until = answers_until(with_parts(work, event.id))
    if until is not None and until <= work.now:
        raise Refusal(marked("Answers have closed. Set a later close under the rules first."))


def _draft(read: Reading, event: Event, rows: Sequence[Row]) -> Draft:
    if len(rows) > MOST_AT_ONCE:
        raise Refusal(marked("Invite at most %(most)s people at once"), most=MOST_AT_ONCE)
    draft = Draft(_known(read, event, rows), _invited_without_email(read, event))
    for row in rows:
        try:
            line = _line(draft, row)
        except Refusal as refusal:
            line = refuse(row.line, row.values.get("email") or row.values.get("name", ""), refusal)
        draft.lines.append(line)
    return draft


def _line(draft: Draft, row: Row) -> Line:
    typed, name = row.values.get("email", ""), row.values.get("name", "")
    email = accounts.clean_email(typed) if typed else None
    name = clean_name(name) if name else ""
    organisation = clean_text(row.values.get("organisation", ""))
    if not (email or name):
        raise Refusal(marked("neither a name nor an e-mail address"))
    key = email or name.casefold()
    subject = f"{name} ({email})" if name and email else email or name
    if key in draft.seen:
        return Line(
            row.line, Action.UNCHANGED, subject, Reason(marked("the same as line %(line)s"), {"line": draft.seen[key]})
        )
    draft.seen[key] = row.line
    known = draft.known.get(email) if email else None
    if known is not None:
        return _line_of_known(draft, row.line, subject, known)
    if email is None and key in draft.without_email:
        return Line(row.line, Action.UNCHANGED, subject, Reason(marked("invited already")))
    draft.newcomers.append(Newcomer(name, email, organisation))
    how = marked("new, by e-mail") if email else marked("new, without e-mail: staff have to tell this person")
    return Line(row.line, Action.CREATE, subject, Reason(how))


def _line_of_known(draft: Draft, line: int, subject: str, known: Known) -> Line:
    if known.invitation_id is None:
        draft.person_ids.append(known.person_id)
        return Line(line, Action.UPDATE, subject, Reason(marked("known as %(name)s"), {"name": known.name}))
    if known.is_withdrawn:
        draft.again.append(known.invitation_id)
        return Line(line, Action.UPDATE, subject, Reason(marked("invited again, after it was withdrawn")))
    return Line(line, Action.UNCHANGED, subject, Reason(marked("invited already")))


def _known(read: Reading, event: Event, rows: Sequence[Row]) -> Mapping[str | None, Known]:
    """Those of the list whose address the programme knows."""
    emails = [email for row in rows if (email := _clean(row.values.get("email", "")))]
    found = read.session.execute(
        select(Person.email, Person.id, Person.name, Invitation.id, Invitation.withdrawn_at.is_not(None))
        .outerjoin(Invitation, (Invitation.person_id == Person.id) & (Invitation.event_id == event.id))
        .where(Person.email == any_(literal(emails, ARRAY(Text))))
    )
    return {row[0]: Known(row[1], row[2], row[3], row[4]) for row in found}


def _clean(text: str) -> str | None:
    """The address as it is kept; None where it is none, which the line itself will say."""
    try:
        return accounts.clean_email(text)
    except Refusal:
        return None


def _invited_without_email(read: Reading, event: Event) -> frozenset[str]:
    """The names of those on the list who have no address: all that tells them apart when a list is sent again."""
    names = (
        select(Person.name)
        .join(Invitation, Invitation.person_id == Person.id)
        .where(Invitation.event_id == event.id, Invitation.withdrawn_at.is_(None), Person.email.is_(None))
    )
    return frozenset(name.casefold() for name in read.session.scalars(names))


def known_organisations(work: Work) -> Mapping[str, int]:
    """The organisations of the directory by slug and by name, so that a name that is typed finds them."""
    kept = func.coalesce(Organisation.merged_into, Organisation.id).label("id")  # what a double was called still counts
    rows = work.session.execute(select(kept, Organisation.slug, Organisation.name)).all()
    return {row.slug: row.id for row in rows} | {row.name.casefold(): row.id for row in rows}


def person_of(work: Work, newcomer: Newcomer, organisations: Mapping[str, int]) -> int:
    """Whoever has that address; else somebody new, who belongs where the list says."""
    if newcomer.email is not None:
        person, made = accounts.person_with_email(work, email=newcomer.email, name=newcomer.name)
    else:
        person, made = Person(name=newcomer.name, created_at=work.now), True
        work.session.add(person)
        work.session.flush()
    if made and newcomer.organisation:
        known = organisations.get(newcomer.organisation.casefold())
        typed = None if known is not None else newcomer.organisation
        work.session.add(
            Affiliation(person_id=person.id, organisation_id=known, organisation_text=typed, from_on=work.now.date())
        )
    return person.id


def remind(work: Work, *, event_id: int, tentative: bool) -> int:
    """Write to all who have not answered, and to the undecided where that is asked; how many letters that are.

    Whoever was written to in the last days is left in peace.
    """
    event = event_to_edit(work, event_id)
    if event.state is not EventState.PUBLISHED:
        raise Refusal(marked("This is a draft: publish it before you remind anybody"))
    _refuse_closed(work, event)
    due = unanswered(event.id, tentative=tentative).where(may_be_reminded(work.now)).order_by(Invitation.id)
    invitations = work.session.scalars(due.with_for_update(key_share=True)).all()
    people = select(Person).where(Person.id.in_([invitation.person_id for invitation in invitations]))
    by_id = {person.id: person for person in work.session.scalars(people)}
    for invitation in invitations:
        invitation.reminded_at = work.now
        outbox.post(
            work,
            key=f"invitation-reminder:{invitation.id}:{invitation.generation}:{work.now.date().isoformat()}",
            to=by_id[invitation.person_id],
            template="invitation_reminder",
            urgency=OutboxClass.TIMELY,
            invitation_id=invitation.id,
        )
    work.session.flush()
    return len(invitations)


def withdraw(work: Work, *, public_id: str, reason: str = "") -> Invitation:
    """Take an invitation back. A place that came of it is free at once, and its holder is told, with the reason."""
    event, invitation = locked_invitation(work, public_id)
    event_to_edit(work, event.id)
    if invitation.withdrawn_at is not None:
        raise Refusal(marked("This invitation was withdrawn already"))
    invitation.withdrawn_at = work.now
    proposal = open_proposal(work, invitation)
    if proposal is not None:
        proposal.state = SubstitutionState.TAKEN_BACK
    booking = live_booking(work, invitation)
    if booking is not None:
        end_booking(work, booking, entries_of(work, booking))
        outbox.post(
            work,
            key=f"invitation-withdrawn:{booking.id}",
            to=work.session.get_one(Person, invitation.person_id),
            template="invitation_withdrawn",
            booking_id=booking.id,
            reason=reason,
        )
    leave_line(work, event, invitation.person_id, state=WaitingState.LEFT)
    advance(work, event)
    work.session.flush()
    return invitation
