"""What the audit is searched by."""

from flask_babel import lazy_gettext as _

from cop.forms import dates
from cop.forms.base import dropdown, line
from cop.forms.directory import Search
from cop.queries.audit import Read

KINDS = [
    ("event", _("Events")),
    ("booking", _("Bookings")),
    ("waiting", _("Waiting lists")),
    ("offer", _("Offers")),
    ("invitation", _("Invitations")),
    ("application", _("Applications, reviews and decisions")),
    ("commitment", _("Action plans and pledges")),
    ("person", _("People and roles")),
    ("organisation", _("Organisations")),
    ("programme", _("Programmes")),
    ("series", _("Series")),
    ("questionnaire", _("Questionnaires")),
    ("announcement", _("Announcements")),
    ("space", _("Spaces of the forum")),
    ("topic", _("Topics of the forum")),
    ("resource", _("Toolkit")),
    ("collection", _("Collections of the toolkit")),
    ("tag", _("Words that things are sorted by")),
    ("rating", _("Self-ratings of organisations")),
    ("story", _("Stories")),
    ("indicator", _("Indicators")),
    ("request", _("Requests under data protection law")),
    ("retention rule", _("How long things are kept")),
    ("breach", _("Breach log")),
    ("processing", _("Records of processing")),
    ("known issue", _("Accessibility issues")),
    ("accessibility statement", _("Accessibility statement")),
]

READS = [
    (Read.ACCESS_NEEDS.value, _("Access needs read")),
    (Read.LETTER.value, _("Reported letter read")),
    (Read.PERSON.value, _("Page of a person read")),
    (Read.APPLICATION.value, _("Application with the name read")),
    (Read.BADGES.value, _("Badges taken away")),
    (Read.SIGN_IN_SHEETS.value, _("Sheets to sign taken away")),
    (Read.REQUEST.value, _("Request under data protection law read")),
    (Read.BREACHES.value, _("Exports of the breach log")),
    (Read.DIETS.value, _("Diets read")),
    (Read.ROSTER.value, _("Rosters taken away")),
    (Read.DOOR_LIST.value, _("Door lists taken away")),
    (Read.TABLES.value, _("Lists of tables taken away")),
    (Read.ATTENDANCE.value, _("Exports of attendance")),
    (Read.BOOKINGS.value, _("Exports of bookings")),
    (Read.APPLICATIONS.value, _("Exports of applications")),
    (Read.SURVEYS.value, _("Exports of surveys")),
    (Read.PEOPLE_BEHIND_FIGURES.value, _("Names behind figures of the evaluation read")),
    (Read.FORUM.value, _("Exports of the forum")),
    (Read.TOOLKIT.value, _("Exports of the use of the toolkit")),
    (Read.INDICATORS.value, _("Exports of indicators")),
    (Read.EVALUATION_PACK.value, _("Evaluation packs made")),
    (Read.ATTENDANCE_BY_API.value, _("Attendance with names, read by a program")),
    (Read.BOOKINGS_BY_API.value, _("Bookings with names, read by a program")),
    (Read.SURVEYS_BY_API.value, _("Surveys with names, read by a program")),
    (Read.FORUM_BY_API.value, _("Forum with names, read by a program")),
    (Read.TASK.value, _("Files that long work made")),
]


class SearchChanges(Search):
    q = line(_("Who acted"))
    what = line(_("Event, organisation or person"))
    kind = dropdown(_("Kind of record"), [("", _("All kinds")), *KINDS])
    on = dates.day(_("On this day"))


class SearchReads(Search):
    q = line(_("Who looked"))
    kind = dropdown(_("What was opened"), [("", _("All of it")), *READS])
    on = dates.day(_("On this day"))
