"""Who acts, what they were granted, and what a route asks of them."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    ADMIN = "admin"
    FACILITATOR = "facilitator"
    REVIEWER = "reviewer"
    HOST = "host"
    EVALUATOR = "evaluator"
    LEAD = "lead"


class TokenScope(StrEnum):
    """What a program may read with a token. Without ``names`` everybody stands under a pseudonym."""

    EVENTS = "events"
    ORGANISATIONS = "organisations"
    ATTENDANCE = "attendance"
    BOOKINGS = "bookings"
    SURVEYS = "surveys"
    FORUM = "forum"
    TOOLKIT = "toolkit"
    INDICATORS = "indicators"
    NAMES = "names"


@dataclass(frozen=True)
class Grant:
    """One role, over everything or over one programme, event or organisation."""

    role: Role
    programme_id: int | None = None
    event_id: int | None = None
    organisation_id: int | None = None


@dataclass(frozen=True)
class Actor:
    """The one who acts in a request, a job or a command; built once and never changed.

    ``via`` tells how they came: a signed-in session, a signed link (good for one record only), a mail of theirs to an
    address that only they were given, a program that shows a token of theirs (good for its ``scopes`` alone, and for
    reading), or the system itself. ``withheld`` says that they hold grants which are not in force, because they have
    not given their second factor.
    """

    person_id: int | None = None
    grants: tuple[Grant, ...] = ()
    via: Literal["session", "link", "mail", "api", "system"] = "session"
    scopes: frozenset[TokenScope] = frozenset()
    withheld: bool = False

    def holds(self, *roles: Role) -> bool:
        """Whether any live grant names one of ``roles``, whatever its scope."""
        return any(grant.role in roles for grant in self.grants)

    def may(self, *roles: Role, programme_id: int | None = None, event_id: int | None = None) -> bool:
        """Whether a grant of one of ``roles`` covers this programme or event; the system may always."""
        if self.via == "system":
            return True
        return any(
            grant.role in roles
            and grant.organisation_id is None
            and (
                (grant.programme_id is None and grant.event_id is None)
                or (grant.programme_id is not None and grant.programme_id == programme_id)
                or (grant.event_id is not None and grant.event_id == event_id)
            )
            for grant in self.grants
        )

    def is_admin(self) -> bool:
        """Whether the grant covers the whole service: directory, people, messages."""
        return self.may(Role.ADMIN)


SYSTEM = Actor(via="system")
VISITOR = Actor()

EVENT_STAFF = (Role.ADMIN, Role.FACILITATOR, Role.HOST)
EVENT_EDITORS = (Role.ADMIN, Role.FACILITATOR)
"""Who may alter an event; hosts run it but do not. The facilitator of a course is its chair."""

PANEL = (Role.ADMIN, Role.FACILITATOR, Role.REVIEWER)
"""Who reads applications to a course."""

SURVEY_READERS = (Role.ADMIN, Role.FACILITATOR, Role.EVALUATOR)
"""Who reads what came of asking: always without names."""

TWO_LOCKS = (Role.ADMIN, Role.FACILITATOR, Role.REVIEWER, Role.EVALUATOR)
"""Whoever holds one of these needs a second factor: they read about many people."""

STAFF_ROLES = (Role.ADMIN, Role.FACILITATOR, Role.HOST, Role.REVIEWER, Role.EVALUATOR)


@dataclass(frozen=True)
class Access:
    """What a route asks of the actor before any view runs; queries and services still scope each record.

    ``by_token``: it is for programs, who show a token; whoever is signed in is nobody here.
    """

    name: str
    allows: Callable[[Actor], bool]
    by_token: bool = False


PUBLIC = Access("public", lambda actor: True)
SIGNED_IN = Access("signed in", lambda actor: actor.person_id is not None)
EVENT_STAFF_ONLY = Access("event staff", lambda actor: actor.holds(*EVENT_STAFF))
EVENT_EDITORS_ONLY = Access("event editors", lambda actor: actor.holds(*EVENT_EDITORS))
PANEL_ONLY = Access("review panel", lambda actor: actor.holds(*PANEL))
PROGRAMME_STAFF_ONLY = Access(
    "programme admin", lambda actor: any(g.role is Role.ADMIN and g.event_id is None for g in actor.grants)
)
ADMIN_ONLY = Access("admin", lambda actor: actor.is_admin())
SURVEY_READERS_ONLY = Access("survey readers", lambda actor: actor.holds(*SURVEY_READERS))
EVALUATION = Access("evaluation", lambda actor: actor.holds(Role.ADMIN, Role.EVALUATOR))
LEADS_ONLY = Access("leads", lambda actor: actor.holds(Role.LEAD))
ANY_TOKEN = Access("token", lambda actor: actor.via == "api", by_token=True)


def token_for(scope: TokenScope) -> Access:
    """For programs whose token is good for ``scope``."""
    return Access(f"token: {scope}", lambda actor: actor.via == "api" and scope in actor.scopes, by_token=True)
