"""What people said and promised: questions 3, 5, 7 and 12 of the evaluation, and words in their own voice."""

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import ngettext

from cop.exporting.funder_report.learning import wave_name
from cop.exporting.funder_report.parts import NOTHING, Part, Section, count, number, quotations, section, table, text
from cop.queries.coding import CodeCount, Quoted
from cop.queries.evaluation import EventFunnel
from cop.queries.evaluation.answers import Chosen, Rated
from cop.queries.evaluation.promises import Promised


def reaction(found: Sequence[Rated], judged: Part | None) -> Section:
    return _of(
        "reaction",
        _("3. Reaction"),
        _("Did people make useful connections and learn from one another; was it relevant and a good use of time?"),
        *_medians(found),
        judged,
    )


def shaped(found: Sequence[Rated], judged: Part | None) -> Section:
    return _of(
        "co-production",
        _("7. Co-production"),
        _("What did residents shape, and who felt listened to?"),
        *_medians(found),
        judged,
    )


def _medians(found: Sequence[Rated]) -> Sequence[Part]:
    return [
        table(
            one.code.replace("_", "-"),
            one.text,
            [_("Event"), _("When"), _("Answers (n)"), _("Median answer"), _("Median, as a number"), _("Best possible")],
            [
                [
                    each.event,
                    wave_name(each.wave),
                    count(each.n),
                    each.label,
                    number(each.place),
                    number(each.of),
                ]
                for each in one.medians
            ],
            notes=[
                _(
                    "The middle answer of all who answered; of an even number, the lower of the two. Events about "
                    "which fewer than 5 answered are left out. Source: surveys."
                )
            ],
        )
        for one in found
    ]


def plans(found: Sequence[Promised], judged: Part | None) -> Section:
    headings = [
        _("Course or summit"),
        _("Participants"),
        _("Without a plan"),
        _("Planned"),
        _("Under way"),
        _("Stuck"),
        _("Done"),
        _("Given up"),
        _("Due for review"),
        _("Reviewed"),
    ]
    promised = table(
        "promised",
        _("Action plans of courses and actions of summits"),
        headings,
        [
            [
                one.title,
                *(NOTHING if each is None else count(each) for each in (one.people, one.without)),
                *(count(each) for each in one.states),
                count(one.due),
                count(one.reviewed),
            ]
            for one in found
        ],
        notes=[
            _(
                "Participants hold a place on the course. Each has one plan at most, and stands with what its owner "
                "said of it last; of summits, actions are counted and not people. Due are plans whose day of review, "
                "100 days after the course, has come. Source: plans and actions, as their owners say."
            )
        ],
    )
    return _of(
        "plans",
        _("5. Action plans"),
        _("How many had a plan at the end of the course, reviewed it at 100 days, completed it or are stuck, and why?"),
        promised if found else None,
        judged,
    )


def access(events: Sequence[EventFunnel], found: Sequence[tuple[str, Chosen | None]], judged: Part | None) -> Section:
    """``found`` are answers about what was hard and what stood in the way, each under a key."""
    needs = table(
        "needs",
        _("Needs, and who did not come"),
        [
            _("Event"),
            _("Bookings with an access need"),
            _("Seats booked"),
            _("Seats that came"),
            _("Seats that missed it"),
        ],
        [
            [one.title, count(one.needs), count(one.booked), count(one.came), count(one.missed)]
            for one in events
            if one.is_over
        ],
        notes=[
            _(
                "Events that are over. What somebody needs in order to take part is forgotten 30 days after the event, "
                "and so is that they needed anything; earlier events show none. Source: bookings and attendance."
            )
        ],
    )
    return _of(
        "access",
        _("12. Access"),
        _("Which needs were asked for and met, which barriers were there, and how many dropped off before attending?"),
        needs if needs["rows"] else None,
        *(chosen(key, one) for key, one in found if one is not None),
        judged,
    )


def chosen(key: str, found: Chosen) -> Part:
    """How often each answer was given to one question."""
    notes = [
        ngettext(
            "Of %(num)s answer; where several could be ticked, they add up to more. Source: surveys.",
            "Of %(num)s answers; where several could be ticked, they add up to more. Source: surveys.",
            found.n,
        )
    ]
    if found.left_out:
        notes.append(
            ngettext(
                "%(num)s survey is left out, because few chose one of its answers.",
                "%(num)s surveys are left out, because few chose one of their answers.",
                found.left_out,
            )
        )
    return table(
        key,
        found.text,
        [_("Answer"), _("People"), _("Out of (n)")],
        [[label, count(times), count(found.n)] for label, times in found.counts],
        bars=[(label, count(times), count(found.n)) for label, times in found.counts],
        notes=notes,
    )


def _of(key: str, title: str, question: str, *parts: Part | None) -> Section:
    return section(key, title, question, *(parts if any(parts) else [_nothing()]))


def _nothing() -> Part:
    return text(_("Nothing is counted yet."))


def words(codes: Sequence[CodeCount], quoted: Sequence[Quoted]) -> Section:
    counted = table(
        "codes",
        _("What people wrote about"),
        [_("Code"), _("Answers")],
        [[one.tag.name, count(one.answers)] for one in codes],
        bars=[(one.tag.name, count(one.answers), codes[0].answers.value or 0) for one in codes],
        notes=[
            _(
                "Answers in people’s own words were read and sorted by hand; one answer may have several codes. Each "
                "code counts answers, not people."
            )
        ],
    )
    picked = quotations(quoted)
    return section(
        "words",
        _("In their own words"),
        _("People’s own accounts count as much as numbers. What did they write?"),
        counted if codes else None,
        text(_("Quoted as their authors allowed: with their name, with their council, or without either."))
        if picked
        else None,
        picked,
        None if codes or picked else text(_("No words were sorted or picked for quotation yet.")),
    )
