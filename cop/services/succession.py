"""Local government is reorganised: councils take over from others on a day, and their people go along."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from sqlalchemy import delete, func, insert, select, update

from cop.core.errors import NotFound, Refusal, marked
from cop.core.place import day_of
from cop.core.work import Reading, Work
from cop.models.accounts import Affiliation
from cop.models.organisations import Organisation, OrganisationDomain, OrganisationSuccession
from cop.queries import organisations as queries
from cop.queries.succession import ancestors
from cop.services.organisations import meant

LOOK_AGAIN = marked("Something has changed since you looked. Nothing was recorded: look once more at what it would do.")


@dataclass(frozen=True)
class Leaving:
    """A predecessor, with how many people belong to it now and its e-mail domains."""

    id: int
    slug: str
    name: str
    people: int
    domains: int


@dataclass(frozen=True)
class Plan:
    """What recording it would do. Where there are several successors, nobody can tell where people and domains go."""

    predecessors: Sequence[Leaving]
    successors: Sequence[Organisation]
    on_date: date
    moves_domains: bool
    is_over: bool

    @property
    def has_one_successor(self) -> bool:
        return len(self.successors) == 1

    @property
    def people(self) -> int:
        return sum(item.people for item in self.predecessors)

    @property
    def domains(self) -> int:
        return sum(item.domains for item in self.predecessors)

    @cached_property
    def seen(self) -> str:
        """A digest of what was shown, by which it is noticed that something has changed since."""
        shown = (self.predecessors, [item.id for item in self.successors], self.on_date, self.moves_domains)
        return sha256(repr(shown).encode()).hexdigest()


def plan_succession(
    read: Reading, *, predecessors: Sequence[str], successors: Sequence[str], on_date: date, moves_domains: bool
) -> Plan:
    """What would happen if these organisations, by name or slug, are taken over that day; Refusal if they cannot be."""
    _only_admins(read)
    before = _all_of(read, predecessors, field="predecessors")
    after = _all_of(read, successors, field="successors")
    _refuse_what_cannot_be(read, before, after, on_date)
    leaving = [_leaving(read, organisation) for organisation in before]
    moves = moves_domains and len(after) == 1
    return Plan(leaving, after, on_date, moves, on_date <= day_of(read.now))


def _all_of(read: Reading, names: Sequence[str], *, field: str) -> list[Organisation]:
    found = {}
    for name in names:
        organisation = meant(read, name, field=field)
        found[organisation.id] = organisation
    if not found:
        raise Refusal(marked("Enter the name of at least one organisation"), field=field)
    return sorted(found.values(), key=lambda organisation: organisation.id)


def _refuse_what_cannot_be(
    read: Reading, before: Sequence[Organisation], after: Sequence[Organisation], on_date: date
) -> None:
    ids = {organisation.id for organisation in before}
    for organisation in after:
        if organisation.id in ids:
            raise Refusal(marked("%(name)s cannot take over from itself"), field="successors", name=organisation.name)
        if organisation.ended_on is not None and organisation.ended_on <= on_date:
            raise Refusal(marked("%(name)s ends before that day itself"), field="successors", name=organisation.name)
    taken_over = [organisation for organisation in before if organisation.ended_on is not None]
    if taken_over:
        raise Refusal(marked("%(name)s has been taken over already"), field="predecessors", name=taken_over[0].name)
    older = ancestors(read, list(ids)) - ids
    circular = [organisation for organisation in after if organisation.id in older]
    if circular:
        raise Refusal(
            marked("%(name)s was taken over by one of these before, so it cannot take over from them"),
            field="successors",
            name=circular[0].name,
        )


def _leaving(read: Reading, organisation: Organisation) -> Leaving:
    belongs = select(func.count(Affiliation.person_id.distinct())).where(
        Affiliation.organisation_id == organisation.id, Affiliation.to_on.is_(None)
    )
    domains = select(func.count()).select_from(OrganisationDomain)
    return Leaving(
        organisation.id,
        organisation.slug,
        organisation.name,
        read.session.scalar(belongs) or 0,
        read.session.scalar(domains.where(OrganisationDomain.organisation_id == organisation.id)) or 0,
    )


def record_succession(
    work: Work,
    *,
    predecessors: Sequence[str],
    successors: Sequence[str],
    on_date: date,
    moves_domains: bool,
    seen: str,
) -> Plan:
    """Record it, and carry it out at once where the day has come. ``seen`` is the digest of the plan that was shown."""
    given = {"predecessors": predecessors, "successors": successors}
    _lock(work, [item.id for names in given.values() for item in (meant(work, name) for name in names)])
    plan = plan_succession(work, **given, on_date=on_date, moves_domains=moves_domains)
    if plan.seen != seen:
        raise Refusal(LOOK_AGAIN)
    rows = [
        {
            "predecessor_id": leaving.id,
            "successor_id": successor.id,
            "on_date": on_date,
            "moves_domains": plan.moves_domains,
        }
        for leaving in plan.predecessors
        for successor in plan.successors
    ]
    work.session.execute(insert(OrganisationSuccession), rows)
    for leaving in plan.predecessors:
        work.session.get_one(Organisation, leaving.id).ended_on = on_date
        work.session.flush()
        if plan.is_over:
            _carry_out(work, leaving.id)
    return plan


def carry_out(work: Work, *, predecessor_id: int) -> int:
    """On the day, let people and domains go along; how many people did. A second time changes nothing."""
    if work.actor.via != "system":
        raise NotFound
    _lock(work, [predecessor_id])
    return _carry_out(work, predecessor_id)


def _carry_out(work: Work, predecessor_id: int) -> int:
    found = select(OrganisationSuccession).where(
        OrganisationSuccession.predecessor_id == predecessor_id,
        OrganisationSuccession.carried_out_at.is_(None),
        OrganisationSuccession.on_date <= day_of(work.now),
    )
    rows = work.session.scalars(found).all()
    for row in rows:
        row.carried_out_at = work.now
    if len(rows) != 1:  # with several successors, nobody but the people themselves can tell
        return 0
    (row,) = rows
    if row.moves_domains:
        domains = update(OrganisationDomain).where(OrganisationDomain.organisation_id == predecessor_id)
        work.session.execute(domains.values(organisation_id=row.successor_id))
    return _go_along(work, row)


def _go_along(work: Work, row: OrganisationSuccession) -> int:
    """End affiliations that are live and begin them anew; whoever came after the day belongs to the successor only."""
    held = select(Affiliation).where(Affiliation.organisation_id == row.predecessor_id, Affiliation.to_on.is_(None))
    affiliations = work.session.scalars(held.order_by(Affiliation.id).with_for_update()).all()
    new = []
    for affiliation in affiliations:
        if affiliation.from_on >= row.on_date:
            affiliation.organisation_id = row.successor_id
            continue
        affiliation.to_on = row.on_date
        new.append(
            Affiliation(
                person_id=affiliation.person_id,
                organisation_id=row.successor_id,
                relation=affiliation.relation,
                sector=affiliation.sector,
                role_title=affiliation.role_title,
                from_on=row.on_date,
                is_primary=affiliation.is_primary,
            )
        )
    work.session.flush()
    work.session.add_all(new)
    work.session.flush()
    return len({affiliation.person_id for affiliation in affiliations})


def take_back(work: Work, *, slug: str) -> None:
    """Forget that an organisation is to be taken over, as long as nothing has been carried out."""
    _only_admins(work)
    organisation = queries.profile(work, slug=slug).organisation
    _lock(work, [organisation.id])
    rows = select(OrganisationSuccession).where(OrganisationSuccession.predecessor_id == organisation.id)
    found = work.session.scalars(rows).all()
    if not found:
        raise Refusal(marked("Nobody takes over from this organisation"))
    if any(row.carried_out_at is not None for row in found):
        raise Refusal(marked("The day has come, and its people have gone along: this cannot be taken back"))
    work.session.execute(delete(OrganisationSuccession).where(OrganisationSuccession.predecessor_id == organisation.id))
    organisation.ended_on = None
    work.session.flush()


def _lock(work: Work, organisation_ids: Sequence[int]) -> None:
    """Lock organisations, in one order, against others who merge them or record the same."""
    locked = select(Organisation).where(Organisation.id.in_(organisation_ids)).order_by(Organisation.id)
    work.session.scalars(locked.with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
