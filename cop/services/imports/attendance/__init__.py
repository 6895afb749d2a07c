"""Reports of attendance: read, matched with those who booked, applied, taken back, and compared with marks by hand."""

from cop.queries.attendance_reports import row_revision
from cop.services.imports.attendance.differing import Difference, differences, reconcile
from cop.services.imports.attendance.keeping import (
    apply,
    decide,
    import_at_once,
    keep_report,
    part_named,
    plan_file,
    remove,
    take_back,
)
from cop.services.imports.attendance.matching import Holder, proposals
from cop.services.imports.attendance.planning import (
    LEFT_OUT,
    Action,
    Line,
    Plan,
    Told,
    holders_of,
    plan_attendance,
    plan_kept,
)

__all__ = [
    "LEFT_OUT",
    "Action",
    "Difference",
    "Holder",
    "Line",
    "Plan",
    "Told",
    "apply",
    "decide",
    "differences",
    "holders_of",
    "import_at_once",
    "keep_report",
    "part_named",
    "plan_attendance",
    "plan_file",
    "plan_kept",
    "proposals",
    "reconcile",
    "remove",
    "row_revision",
    "take_back",
]
