"""Two records turned out to be one person. Everything that points to the double passes over to the one that is kept."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import delete, exists, select, union, update

from cop.core import secrecy
from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Work
from cop.models.accounts import Account, Person, SignIn
from cop.models.base import Base
from cop.models.events import Booking, BookingState, Event
from cop.models.forum import Reaction
from cop.models.merging import AddressChange, Merge, MergeKind
from cop.models.offers import Offer, OfferState
from cop.models.security import Authenticator, Device, ExternalIdentity, FactorTry, Passkey, RecoveryCode
from cop.models.waiting import Waiting, WaitingState
from cop.queries.merging import previews
from cop.queries.merging.clashes import Clash
from cop.queries.merging.previews import PersonSide, Preview
from cop.queries.merging.references import references
from cop.queries.merging.rules import What
from cop.services.events.booking.queue import advance
from cop.services.events.locking import lock_event_to_edit
from cop.services.merging import ledger as ledgers
from cop.services.merging.ledger import CONTRADICTED, Ledger
from cop.services.merging.records import (
    MERGED_MEANWHILE,
    count_reactions,
    only_admins,
    pass_over,
    refuse_unless_as_seen,
    resolve,
    taken,
)

PLAIN = ("name", "phone", "prefers", "timezone", "needs")
"""What a person says of themselves in their own row, the address apart, which is unique."""


def merge(work: Work, *, kept: str, gone: str, take: Collection[str], seen: str) -> Merge:
    """Make one of two records, named by their public ids; ``take`` are the fields in which the double's value stays.

    ``seen`` is the digest of the preview that the page showed. The double's sessions end, and its address leads to
    nobody any more, unless it was taken.
    """
    only_admins(work)
    events = _lock_events(work, [kept, gone])
    one, double = _lock_people(work, [kept, gone])
    if double.id == work.actor.person_id:
        raise Refusal(marked("You are signed in with the record that would go: keep that one instead"))
    preview = previews.people(work, kept=kept, gone=gone)
    refuse_unless_as_seen(preview, take=take, seen=seen)
    fields = taken(preview, take)
    before = {"kept": _said(one), "gone": _said(double), "taken": fields}
    ledger = Ledger(work)
    resolve(work, ledger, preview.clashes)
    _settle_accounts(ledger, preview, fields)
    _settle_place(work, ledger, preview, fields)
    _end_changes_of_address(work, ledger, [one.id, double.id])
    _take(work, one, double, fields)
    _close_doors(work, double.id)
    pass_over(ledger, MergeKind.PERSON, gone_id=double.id, kept_id=one.id)
    double.merged_into = one.id
    made = Merge(
        kind=MergeKind.PERSON,
        kept_id=one.id,
        gone_id=double.id,
        moved=ledger.as_json(),
        before=before,
        merged_at=work.now,
        merged_by=work.actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    _advance(work, events)
    return made


def undo(work: Work, merge: Merge) -> None:
    """Take the merge apart again; the caller has locked it and seen that it stands."""
    events = _lock_events(work, [_public_id(work, merge.kept_id)])
    people = {person.id: person for person in _lock(work, Person.id.in_([merge.kept_id, merge.gone_id]))}
    one, double = people[merge.kept_id], people[merge.gone_id]
    _refuse_contradiction(work, merge, one)
    _give_back(work, merge, one, double)
    double.merged_into = None
    work.session.flush()
    ledgers.undo(work, merge.moved)
    reactions = [step["row"] for step in merge.moved["removed"] if step["table"] == Reaction.__tablename__]
    count_reactions(work, reactions, by=1)
    _settle_lines(work, merge)
    ended = [double.id, one.id] if "email" in merge.before["taken"] else [double.id]
    accounts = update(Account).where(Account.person_id.in_(ended))
    work.session.execute(accounts.values(session_epoch=Account.session_epoch + 1))
    _advance(work, events)


def _public_id(work: Work, person_id: int) -> str:
    return work.session.scalars(select(Person.public_id).where(Person.id == person_id)).one()


def _lock_events(work: Work, public_ids: Sequence[str]) -> Sequence[Event]:
    """Lock what these people booked, wait for or were invited to, before the people: the order of all locks."""
    ids = select(Person.id).where(Person.public_id.in_(public_ids)).scalar_subquery()
    own = [column for column in references(MergeKind.PERSON) if column.name == "person_id"]
    held = [
        select(column.table.c[name]).where(column.in_(ids))
        for column in own
        for name in ("event_id", "cohort_id")
        if name in column.table.columns
    ]
    event_ids = work.session.scalars(union(*held)).all()
    return [lock_event_to_edit(work, event_id) for event_id in sorted(filter(None, event_ids))]


def _lock_people(work: Work, public_ids: Sequence[str]) -> list[Person]:
    """Both, locked against everything that would begin to point to them; in the order of ``public_ids``."""
    found = {person.public_id: person for person in _lock(work, Person.public_id.in_(public_ids))}
    if len(found) != 2:  # noqa: PLR2004  a record and its double
        raise NotFound
    if any(person.merged_into is not None for person in found.values()):
        raise Refusal(MERGED_MEANWHILE)
    return [found[public_id] for public_id in public_ids]


def _lock(work: Work, which: Any) -> Sequence[Person]:
    found = select(Person).where(which).order_by(Person.id).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).all()


def _said(person: Person) -> dict[str, Any]:
    """What a record said. Of access needs there is only a digest, by which it is noticed that they changed."""
    plain = {name: getattr(person, name) for name in ("name", "email", "phone", "timezone")}
    needs = secrecy.digest("needs", person.needs) if person.needs is not None else None
    return plain | {"prefers": str(person.prefers), "needs": needs}


def _settle_accounts(ledger: Ledger, preview: Preview[PersonSide], fields: Collection[str]) -> None:
    """The proof of an address goes with the address; whoever was signed in as the double is signed out."""
    for clash in _of(preview.clashes, What.ACCOUNT):
        if "email" not in fields:
            ledger.remove(clash.table, clash.gone)
            continue
        ledger.remove(clash.table, clash.kept)
        epoch = max(clash.kept["session_epoch"], clash.gone["session_epoch"]) + 1
        ledger.change(clash.table, clash.gone, session_epoch=epoch)


def _settle_place(work: Work, ledger: Ledger, preview: Preview[PersonSide], fields: Collection[str]) -> None:
    """One of two places where somebody belongs now ends today, and stays in their history."""
    for clash in _of(preview.clashes, What.AFFILIATION):
        ends = clash.kept if "place" in fields else clash.gone
        ledger.change(clash.table, ends, to_on=day_of(work.now))


def _of(clashes: Iterable[Clash], what: What) -> list[Clash]:
    return [clash for clash in clashes if clash.what is what]


def _end_changes_of_address(work: Work, ledger: Ledger, person_ids: Sequence[int]) -> None:
    table = Base.metadata.tables[AddressChange.__tablename__]
    for change in ledger.rows(table, table.c.person_id.in_(person_ids), table.c.ended_at.is_(None)):
        ledger.change(table, change, ended_at=work.now)


def _close_doors(work: Work, person_id: int) -> None:
    """Second factors and sign-ins of the double go for good: a merge gives nobody a key to the record that is kept."""
    for door in (Passkey, Authenticator, RecoveryCode, FactorTry, ExternalIdentity, Device):
        work.session.execute(delete(door).where(door.person_id == person_id))


def _take(work: Work, one: Person, double: Person, fields: Collection[str]) -> None:
    """Exchange the fields that are taken, so that what the kept record said lies with the double; its address goes."""
    address = double.email
    dropped = one.email if "email" in fields else address
    double.email = None
    work.session.flush()
    if "email" in fields:
        one.email = address
    _exchange(one, double, fields)
    work.session.flush()
    waiting = update(SignIn).where(SignIn.email == dropped, SignIn.closed_at.is_(None))
    work.session.execute(waiting.values(closed_at=work.now))


def _exchange(one: Person, double: Person, fields: Collection[str]) -> None:
    for name in PLAIN:
        if name in fields:
            mine, theirs = getattr(one, name), getattr(double, name)
            setattr(one, name, theirs)
            setattr(double, name, mine)


def _refuse_contradiction(work: Work, merge: Merge, one: Person) -> None:
    """What was taken has to be as it was left, and the addresses have to be free."""
    now = _said(one)
    if any(now[name] != merge.before["gone"][name] for name in merge.before["taken"] if name in now):
        raise Refusal(CONTRADICTED)
    addresses = [merge.before["gone"]["email"]]
    if "email" in merge.before["taken"]:
        addresses = [merge.before["kept"]["email"]]
    owner = select(Person.name, Person.email).where(Person.email.in_(filter(None, addresses)))
    for name, email in work.session.execute(owner):
        raise Refusal(
            marked("%(email)s belongs to %(owner)s by now, so the merge cannot be undone"), email=email, owner=name
        )


def _give_back(work: Work, merge: Merge, one: Person, double: Person) -> None:
    _exchange(one, double, merge.before["taken"])
    if "email" in merge.before["taken"]:
        one.email = merge.before["kept"]["email"]
        work.session.flush()
    double.email = merge.before["gone"]["email"]
    work.session.flush()


def _settle_lines(work: Work, merge: Merge) -> None:
    """Offers belong to whoever waits; and whoever waits again has not booked meanwhile, or else waits no more."""
    strayed = select(Event.title).join(Offer, Offer.event_id == Event.id).join(Waiting, Waiting.id == Offer.waiting_id)
    strayed = strayed.where(Offer.state == OfferState.OPEN, Offer.person_id != Waiting.person_id)
    title = work.session.scalar(strayed.where(Offer.person_id.in_([merge.kept_id, merge.gone_id])).limit(1))
    if title is not None:
        raise Refusal(
            marked("The merged person has an open offer from the waiting list of “%(title)s”: it is answered first"),
            title=title,
        )
    restored = [step["key"]["id"] for step in merge.moved["changed"] if step["table"] == Waiting.__tablename__]
    booked = exists().where(
        Booking.event_id == Waiting.event_id,
        Booking.person_id == Waiting.person_id,
        Booking.state == BookingState.LIVE,
        Booking.booked_at >= merge.merged_at,
    )
    again = update(Waiting).where(Waiting.id.in_(restored), Waiting.state == WaitingState.WAITING, booked)
    work.session.execute(again.values(state=WaitingState.LEFT, ended_at=work.now))


def _advance(work: Work, events: Iterable[Event]) -> None:
    """Places that became free are offered to whoever waits, in this same transaction."""
    for event in events:
        advance(work, event)
