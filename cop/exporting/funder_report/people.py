"""Of whom the programme reached, and what became of its events: questions 1, 2, 12 and 13 of the evaluation."""

from collections.abc import Mapping, Sequence

from flask_babel import gettext as _

from cop.core.small_numbers import Figure
from cop.exporting.funder_report.parts import NOTHING, Cell, Part, Section, count, section, table, text
from cop.queries.evaluation import Course, EventFunnel, Group, HalfDay, Overview, Reach
from cop.web.templating import capital, month_day


def reach(found: Overview) -> Section:
    whole = found.reach.whole
    return section(
        "reach",
        _("1. Reach"),
        _(
            "Who applied, was selected, waited and attended each half-day, against target; by sector, role, region, "
            "membership kind and newer members?"
        ),
        text(
            _(
                "Somebody came from %(came)s of %(members)s members of the network.",
                came=f"{whole.came:,}",
                members=f"{whole.members:,}",
            )
        ),
        _groups("by-kind", _("By kind of organisation"), _("Kind"), found.reach.by_kind, found.reach),
        _groups("by-region", _("By region or nation"), _("Region or nation"), found.reach.by_region, found.reach),
        _groups(
            "by-newer",
            _("Newer and longer-standing members"),
            _("Membership"),
            found.reach.by_newer,
            found.reach,
            {"newer": _("Newer members"), "longer": _("Longer-standing members")},
        ),
        _groups("by-membership", _("By kind of membership"), _("Membership"), found.reach.by_membership, found.reach),
        _courses(found.courses),
        _half_days(found.half_days),
    )


def sectors(found: Overview, heard: Sequence[tuple[str, Figure]], judged: Part | None) -> Section:
    """``heard`` is how applicants heard of the programme."""
    return section(
        "sectors",
        _("2. Sectors"),
        _("Did every sector take part, residents included, and how did they hear of it?"),
        table(
            "by-sector",
            _("People by sector"),
            [_("Sector"), _("People booked"), _("People who came")],
            [[_sector(group), count(group.people_booked), count(group.people_came)] for group in found.reach.by_sector],
            notes=[
                _(
                    "Who somebody is in the room, as they said when they booked. People count once in each row. "
                    "Source: bookings and attendance."
                )
            ],
        ),
        _heard(heard),
        judged,
    )


def _heard(found: Sequence[tuple[str, Figure]]) -> Part | None:
    if not found:
        return None
    return table(
        "heard",
        _("How applicants heard of it"),
        [_("How"), _("Applications")],
        [[label, count(figure)] for label, figure in found],
        bars=[(label, count(figure), max(each.value or 0 for _label, each in found)) for label, figure in found],
        notes=[_("What was answered in applications to courses that were sent. Source: applications.")],
    )


def _sector(group: Group) -> str:
    return capital(group.name) if group.name else str(_("Not known"))


def _groups(
    key: str, title: str, heading: str, groups: Sequence[Group], of: Reach, names: Mapping[str, str] | None = None
) -> Part:
    names = names or {}

    def called(group: Group) -> str:
        return (names.get(group.name) or capital(group.name)) if group.name else _("Not known")

    rows = [(called(group), group) for group in groups]
    return table(
        key,
        title,
        [heading, _("Members"), _("of them booked"), _("of them came"), _("People booked"), _("People who came")],
        [_group(name, group) for name, group in [*rows, (_("All"), of.whole)]],
        bars=[(name, count(group.came), count(group.members)) for name, group in rows],
        notes=[
            _(
                "Members are the organisations in the directory that have a membership. A member or a person has "
                "booked with at least one booking that was not cancelled, for any event of the programme, and came "
                "with at least one mark “attended” or “partial”. People count once in each row, with the organisation "
                "of the day of booking. Organisations without a membership are in the numbers of people only. "
                "Organisations are public bodies and partners, and are counted as they are; numbers of people are "
                "hidden where they are small. Source: bookings and attendance."
            )
        ],
    )


def _group(name: str, group: Group) -> Sequence[Cell]:
    return [name, *_counts(group.members, group.booked, group.came, group.people_booked, group.people_came)]


def _counts(*found: Figure | int) -> Sequence[Cell]:
    return [count(each) for each in found]


def _courses(found: Sequence[Course]) -> Part | None:
    if not found:
        return None
    steps = [_("Applied"), _("Offered a place"), _("Accepted it"), _("Completed")]
    return table(
        "courses",
        _("Courses, from application to completion"),
        [_("Course"), *steps],
        [
            [course.title, *_counts(course.applied, course.offered, course.accepted, course.completed)]
            for course in found
        ],
        notes=[
            _(
                "Applied counts applications that were submitted, those that were withdrawn later among them. Offered "
                "and accepted count applications with an offer, whenever it was made. Completed are people who "
                "attended as many half-days as the course asks for, once all of them are over. Source: applications, "
                "offers and attendance."
            )
        ],
    )


def _half_days(found: Sequence[HalfDay]) -> Part | None:
    if not found:
        return None
    rows = [(_("%(course)s: %(title)s", course=part.course, title=part.title), part) for part in found]
    return table(
        "half-days",
        _("Attendance by half-day"),
        [_("Half-day"), _("Date"), _("Expected"), _("Attended"), _("Partial"), _("Missed it"), _("Not marked")],
        [
            [
                name,
                month_day(part.starts_at),
                *map(count, (part.expected, part.attended, part.partial, part.missed, part.unmarked)),
            ]
            for name, part in rows
        ],
        bars=[(name, count(part.attended), count(part.expected)) for name, part in rows],
        notes=[
            _(
                "Expected are the participants who hold a place on the course. “Partial” stands for somebody who was "
                "there for a part of the time, and does not count towards completing the course. Those who missed it "
                "were marked “absent” or “excused”. Source: attendance as it was marked or imported."
            )
        ],
    )


def funnels(found: Sequence[EventFunnel]) -> Section:
    rows = [
        [event.title, month_day(event.starts_at) if event.starts_at else NOTHING, *_steps(event)] for event in found
    ]
    headings = [
        _("Event"),
        _("First day"),
        _("Invited"),
        _("Opened it"),
        _("Booked"),
        _("Reminded"),
        _("Came"),
        _("Missed it"),
        _("Not marked"),
        _("Walk-ins"),
        _("Cancelled"),
        _("Asked"),
        _("Answered"),
        _("Acted"),
    ]
    funnel = table(
        "events",
        _("Each event, from invitation to action"),
        headings,
        rows,
        bars=[(event.title, count(event.came), count(event.booked)) for event in found],
        notes=[
            _(
                "Invited are people with an invitation that was not withdrawn, and opened those of them who opened its "
                "page. Booked are seats of bookings that stand; those who came were marked “attended” or “partial” at "
                "any part of the event. Reminded are people to whom a reminder was sent. Walk-ins came without a "
                "booking and are not among the booked. Cancelled seats are not among the booked. Asked are people to "
                "whom a survey about the event was sent, answered those who submitted one, and acted those who said "
                "later that they did something of it. The bars are seats that came, of those booked. Source: "
                "invitations, bookings, attendance, messages and surveys."
            )
        ],
    )
    return section(
        "funnel",
        _("13. Each event, step by step"),
        _("How many were invited, booked, attended, were surveyed and acted?"),
        funnel if found else text(_("Nobody has been invited or has booked yet.")),
    )


def _steps(event: EventFunnel) -> Sequence[Cell]:
    return _counts(
        event.invited,
        event.opened,
        event.booked,
        event.reminded,
        event.came,
        event.missed,
        event.unmarked,
        event.walk_ins,
        event.cancelled,
        event.asked,
        event.answered,
        event.acted,
    )
