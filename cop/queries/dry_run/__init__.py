"""What will go out about one event, when and to whom, as things stand: by its rules, and by the service itself.

The same conditions decide here as in the jobs; what depends on who will have come, or on who will not have answered,
is counted as if all did, and says so. Of a draft it is told as if it were published now.
"""

from cop.queries.dry_run.lines import LINES_MOST, NAMES_SHOWN, Line, dry_run
from cop.queries.dry_run.remarks import Remark, Remarked, remarks
from cop.queries.dry_run.sources import After, Asking

__all__ = ["LINES_MOST", "NAMES_SHOWN", "After", "Asking", "Line", "Remark", "Remarked", "dry_run", "remarks"]
