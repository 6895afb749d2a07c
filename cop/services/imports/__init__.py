"""Lists from elsewhere: first a plan that says row by row what would happen, then all of it or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cop.core.work import Reading, Work
from cop.formats.tables import Row
from cop.services.imports.organisations import import_organisations, plan_organisations
from cop.services.imports.people import import_people, plan_people
from cop.services.imports.planning import Action, Line, Plan, PlanRefused, Reason


@dataclass(frozen=True)
class Importing:
    """What can be imported: the columns of its file, its plan, and its execution."""

    required: frozenset[str]
    optional: frozenset[str]
    plan: Callable[[Reading, Sequence[Row]], Plan]
    carry_out: Callable[[Work, Sequence[Row]], Plan]


ORGANISATIONS = Importing(
    frozenset({"name"}),
    frozenset({"kind", "membership", "region", "domains", "joined_on", "source", "code"}),
    plan_organisations,
    import_organisations,
)
PEOPLE = Importing(
    frozenset({"email"}), frozenset({"name", "organisation", "sector", "role_title"}), plan_people, import_people
)

__all__ = [
    "ORGANISATIONS",
    "PEOPLE",
    "Action",
    "Importing",
    "Line",
    "Plan",
    "PlanRefused",
    "Reason",
    "import_organisations",
    "import_people",
    "plan_organisations",
    "plan_people",
]
