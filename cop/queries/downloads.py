"""What people took along from events: files that they downloaded, resources of webinars that they opened."""

from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, and_, exists, func, select, union_all

from cop.core.access import STAFF_ROLES
from cop.models.accounts import RoleGrant
from cop.models.files import EventFile
from cop.models.service import Observation
from cop.models.webinars import EventLink, LinkKind
from cop.queries.files import DOWNLOADED
from cop.queries.webinars import opened_as


def taken(*, after: datetime) -> Subquery:
    """Rows of ``event_id``, ``person_id`` and ``at``, when they first took something after that; staff are left out."""
    each = union_all(
        _observed(EventFile, DOWNLOADED, "file", after),
        _observed(EventLink, opened_as(LinkKind.RESOURCE), "event link", after),
    ).subquery()
    is_staff = exists().where(
        RoleGrant.person_id == each.c.person_id, RoleGrant.revoked_at.is_(None), RoleGrant.role.in_(STAFF_ROLES)
    )
    return (
        select(each.c.event_id, each.c.person_id, func.min(each.c.at).label("at"))
        .where(~is_staff)
        .group_by(each.c.event_id, each.c.person_id)
        .subquery("taken")
    )


def _observed(model: type[EventFile | EventLink], kind: str, subject_kind: str, after: datetime) -> Any:
    seen = and_(
        Observation.kind == kind,
        Observation.subject_kind == subject_kind,
        Observation.subject_id == model.id,
        Observation.person_id.is_not(None),
        Observation.at > after,
    )
    return select(model.event_id, Observation.person_id, Observation.at).join(Observation, seen)
