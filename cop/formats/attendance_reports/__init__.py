"""Reports of who came, as Microsoft Teams, Zoom, Eventbrite or a spreadsheet write them: from bytes to values.

``read_report`` raises nothing but Refused, for whatever bytes.
"""

from datetime import date, tzinfo

from cop.core.errors import marked
from cop.formats.attendance_reports.lists import read_eventbrite, read_table
from cop.formats.attendance_reports.sheets import read_sheet
from cop.formats.attendance_reports.teams import read_teams, read_unknown_words
from cop.formats.attendance_reports.values import (
    Interval,
    Kind,
    Refused,
    Report,
    Reported,
    Skip,
    minutes_in,
    minutes_together,
    union,
)
from cop.formats.attendance_reports.zoom import read_zoom

__all__ = [
    "Interval",
    "Kind",
    "Refused",
    "Report",
    "Reported",
    "Skip",
    "minutes_in",
    "minutes_together",
    "read_report",
    "union",
]


READERS = (read_zoom, read_eventbrite, read_teams, read_table, read_unknown_words)


def read_report(data: bytes, *, day: date, zone: tzinfo) -> Report:
    """The report in a file, whatever it is called; its columns show what it is.

    ``day`` is the event's own and settles how dates are written; a report of another day is refused. Times that name
    no zone are read in ``zone``.
    """
    sheet = read_sheet(data)
    draft = next((draft for reader in READERS if (draft := reader(sheet))), None)
    if draft is None:
        raise Refused(
            sheet.lines[0].number,
            marked(
                "no list of people is in it; we read attendance reports of Teams and Zoom, attendee lists of "
                "Eventbrite, and tables whose first row has “Name” or “Email”"
            ),
        )
    report = draft.finished(day, zone)
    if not report.people:
        raise Refused(sheet.lines[-1].number, marked("the report names nobody"))
    return report
