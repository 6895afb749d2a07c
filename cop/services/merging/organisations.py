"""Two records turned out to be one organisation. The old address leads on to the record that is kept."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from cop.core.errors import NotFound, Refusal, marked
from cop.core.secrecy import random_word
from cop.core.work import Work
from cop.models.merging import Merge, MergeKind
from cop.models.organisations import Organisation
from cop.queries.merging import previews
from cop.queries.merging.previews import ORGANISATION_FIELDS
from cop.services.merging import ledger as ledgers
from cop.services.merging.ledger import CONTRADICTED, Ledger
from cop.services.merging.records import (
    MERGED_MEANWHILE,
    only_admins,
    pass_over,
    refuse_unless_as_seen,
    resolve,
    taken,
)


def merge(work: Work, *, kept: str, gone: str, take: Collection[str], seen: str) -> Merge:
    """Make one of two organisations, named by their slugs; ``take`` are the fields in which the double's value stays.

    ``seen`` is the digest of the preview that the page showed.
    """
    only_admins(work)
    one, double = _lock_both(work, [kept, gone])
    if previews.succeed_one_another(work, kept_id=one.id, gone_id=double.id):
        raise Refusal(marked("One of them took over from the other, so they are not one organisation"))
    preview = previews.organisations(work, kept=kept, gone=gone)
    refuse_unless_as_seen(preview, take=take, seen=seen)
    fields = taken(preview, take)
    before = {"kept": _said(one), "gone": _said(double), "taken": fields}
    ledger = Ledger(work)
    resolve(work, ledger, preview.clashes)
    _exchange(work, one, double, fields)
    pass_over(ledger, MergeKind.ORGANISATION, gone_id=double.id, kept_id=one.id)
    double.merged_into = one.id
    made = Merge(
        kind=MergeKind.ORGANISATION,
        kept_id=one.id,
        gone_id=double.id,
        moved=ledger.as_json(),
        before=before,
        merged_at=work.now,
        merged_by=work.actor.person_id,
    )
    work.session.add(made)
    work.session.flush()
    return made


def undo(work: Work, merge: Merge) -> None:
    """Take the merge apart again; the caller has locked it and seen that it stands."""
    found = {item.id: item for item in _lock(work, Organisation.id.in_([merge.kept_id, merge.gone_id]))}
    one, double = found[merge.kept_id], found[merge.gone_id]
    now = _said(one)
    if any(now[name] != merge.before["gone"][name] for name in merge.before["taken"]):
        raise Refusal(CONTRADICTED)
    _exchange(work, one, double, merge.before["taken"])
    double.merged_into = None
    work.session.flush()
    ledgers.undo(work, merge.moved)


def _lock_both(work: Work, slugs: Sequence[str]) -> list[Organisation]:
    found = {item.slug: item for item in _lock(work, Organisation.slug.in_(slugs))}
    if len(found) != 2:  # noqa: PLR2004  a record and its double
        raise NotFound
    if any(item.merged_into is not None for item in found.values()):
        raise Refusal(MERGED_MEANWHILE)
    return [found[slug] for slug in slugs]


def _lock(work: Work, which: Any) -> Sequence[Organisation]:
    found = select(Organisation).where(which).order_by(Organisation.id).with_for_update()
    return work.session.scalars(found.execution_options(populate_existing=True)).all()


def _said(organisation: Organisation) -> dict[str, Any]:
    values = {name: getattr(organisation, name) for name in ORGANISATION_FIELDS}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _exchange(work: Work, one: Organisation, double: Organisation, fields: Collection[str]) -> None:
    """Exchange the fields that are taken, so that what the kept record said lies with the double."""
    values = {name: (getattr(one, name), getattr(double, name)) for name in fields}
    if "name" in fields:  # which is unique
        double.name = random_word()
        work.session.flush()
    for name, (mine, theirs) in values.items():
        setattr(one, name, theirs)
        if name == "name":
            work.session.flush()
        setattr(double, name, mine)
    work.session.flush()
