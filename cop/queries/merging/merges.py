"""What has been merged, for admins: the list, one of them, and where a record went that is no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import aliased

from cop.core.errors import NotFound
from cop.core.work import Reading
from cop.models.accounts import Person
from cop.models.merging import Merge, MergeKind
from cop.models.organisations import Organisation


@dataclass(frozen=True)
class Merged:
    """``address`` is the public id or the slug of the record that is kept, ``kept`` what it is called now."""

    id: int
    kind: MergeKind
    kept: str
    address: str
    gone: str
    gone_email: str | None
    merged_at: datetime
    merged_by: str | None
    undone_at: datetime | None
    undone_by: str | None


def listed(read: Reading, *, offset: int = 0, limit: int = 50) -> Sequence[Merged]:
    """The latest first, ``limit`` + 1 of them so that the caller knows of a next page."""
    _only_admins(read)
    rows = read.session.execute(_merges().order_by(Merge.id.desc()).offset(offset).limit(limit + 1))
    return [Merged(*row) for row in rows]


def one(read: Reading, *, merge_id: int) -> Merged:
    _only_admins(read)
    row = read.session.execute(_merges().where(Merge.id == merge_id)).one_or_none()
    if row is None:
        raise NotFound
    return Merged(*row)


def standing(read: Reading, *, kind: MergeKind, kept_id: int) -> Sequence[Merged]:
    """What was merged into a record and has not been undone, the latest first."""
    _only_admins(read)
    found = _merges().where(Merge.kind == kind, Merge.kept_id == kept_id, Merge.undone_at.is_(None))
    return [Merged(*row) for row in read.session.execute(found.order_by(Merge.id.desc()))]


def kept_public_id(read: Reading, *, public_id: str) -> str:
    """The public id of the record that a person's was merged into; NotFound where it was not."""
    _only_admins(read)
    kept = aliased(Person)
    found = select(kept.public_id).join(Person, Person.merged_into == kept.id).where(Person.public_id == public_id)
    public_id_of_kept = read.session.scalar(found)
    if public_id_of_kept is None:
        raise NotFound
    return public_id_of_kept


def _merges() -> Select[int, MergeKind, str, str, str, str | None, datetime, str | None, datetime | None, str | None]:
    merger, undoer = aliased(Person), aliased(Person)
    gone = Merge.before["gone"]
    return (
        select(
            Merge.id,
            Merge.kind,
            func.coalesce(Person.name, Organisation.name),
            func.coalesce(Person.public_id, Organisation.slug),
            gone["name"].astext,
            gone["email"].astext,
            Merge.merged_at,
            merger.name,
            Merge.undone_at,
            undoer.name,
        )
        .outerjoin(Person, and_(Merge.kind == MergeKind.PERSON, Person.id == Merge.kept_id))
        .outerjoin(Organisation, and_(Merge.kind == MergeKind.ORGANISATION, Organisation.id == Merge.kept_id))
        .outerjoin(merger, merger.id == Merge.merged_by)
        .outerjoin(undoer, undoer.id == Merge.undone_by)
    )


def _only_admins(read: Reading) -> None:
    if not read.actor.is_admin():
        raise NotFound
