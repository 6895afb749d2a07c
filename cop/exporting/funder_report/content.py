"""The figures of a programme put together into what a report for funders holds: each question with what answers it.

Everything is read as an evaluator sees it, whoever asks: a report is handed on.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from cop.core.work import Reading
from cop.exporting.funder_report import afterwards, learning, people, said
from cop.exporting.funder_report.judged import Beside, Judged
from cop.exporting.funder_report.parts import OTHER, SMALL, Section, bullets, section, text, with_indicators
from cop.models.programmes import Programme
from cop.queries import adoption as adoptions
from cop.queries import coding, evaluation, funder_reports, indicators, toolkit_use
from cop.queries.adoption import Adoption
from cop.queries.evaluation import Overview, answers, promises
from cop.queries.evaluation.promises import Promised
from cop.queries.forum import health as forum
from cop.queries.indicators.pairs import CONTACTS
from cop.queries.toolkit_use import RUNGS, Rung, Use
from cop.web.templating import month_day

RESOURCES_MOST = 20
"""Resources of the toolkit that a report lists."""


def title_of(programme: Programme) -> str:
    return str(_("Report to funders: %(programme)s", programme=programme.name))


def content_of(read: Reading, programme: Programme) -> dict[str, Any]:
    """What is kept of a programme as it stands now."""
    shown = funder_reports.for_outsiders(read, programme)
    questions = list(_questions(shown, programme))
    return {
        "programme": {"name": programme.name, "slug": programme.slug},
        "language": "en-GB",
        "sections": [_about(programme, read), *questions, _limits(), _hidden(questions)],
    }


def _questions(read: Reading, programme: Programme) -> Iterator[Section]:
    overview = evaluation.overview(read, programme)
    adopted = adoptions.adoption(read, programme)
    used = toolkit_use.use(read, programme=programme.slug)
    changes = indicators.paired_changes(read, programme, hide=True)
    community = forum.health(read, slug=programme.slug)
    plans = promises.promised(read, programme, hide=True)
    judged = Judged(indicators.measured(read, programme, hide=True), _beside(overview, adopted, used, plans))
    lines = toolkit_use.lines(read, used, limit=RESOURCES_MOST)[:RESOURCES_MOST]
    contacts = [one for one in changes if one.code == CONTACTS]
    learnt = [one for one in changes if one.code != CONTACTS]
    yield with_indicators(people.reach(overview), judged.of(1))
    yield people.sectors(overview, answers.heard(read, programme, hide=True), judged.of(2))
    yield said.reaction(answers.medians(read, programme, answers.REACTION), judged.of(3))
    yield learning.learnt(learnt, judged.of(4))
    yield said.plans(plans, judged.of(5))
    yield learning.contacts(contacts, judged.of(6))
    yield said.shaped(answers.medians(read, programme, answers.CO_PRODUCTION), judged.of(7))
    yield with_indicators(afterwards.community(community), judged.of(8))
    yield with_indicators(afterwards.toolkit(used, lines), judged.of(9))
    yield with_indicators(afterwards.adoption(adopted), judged.of(10))
    yield with_indicators(afterwards.pledges(adopted), judged.of(11))
    asked = {"hard": answers.HARD, "barriers": answers.BARRIERS, "enablers": answers.ENABLERS}
    chosen = [(key, answers.chosen(read, programme, code, hide=True)) for key, code in asked.items()]
    yield said.access(overview.events, chosen, judged.of(12))
    yield with_indicators(people.funnels(overview.events), judged.of(13))
    yield judged.all()
    yield learning.answered(indicators.answering(read, programme, hide=True))
    yield said.words(coding.code_counts(read, programme, hide=True), coding.quotations(read, programme))


def _beside(overview: Overview, adopted: Adoption, used: Use, plans: Sequence[Promised]) -> Beside:
    """The figures of tables that a measure adds up or repeats: where one of them is hidden, the sum would tell it."""
    courses, reach = overview.courses, overview.reach
    people_came = [reach.whole.people_came]
    rung = RUNGS.index
    return {
        "people-reached": people_came,
        "residents-share": [*people_came, *(group.people_came for group in reach.by_sector)],
        "applied": [course.applied for course in courses],
        "selected": [course.offered for course in courses],
        "completed": [course.completed for course in courses],
        "attended-every-half-day": [course.completed for course in courses],
        "toolkit-used": [used.ladder.people[rung(Rung.USED)]],
        "toolkit-organisations": [used.ladder.organisations[rung(Rung.DOWNLOADED)]],
        "rated-first": [adopted.rated_first],
        "rated-again": [adopted.rated_second],
        "adopting": [adopted.rose, adopted.same, adopted.fell],
        "pledges-made": [adopted.by_people.made, adopted.by_organisations.made],
        "pledges-kept": [adopted.by_people.kept, adopted.by_organisations.kept],
        "plans-made": [each for one in plans for each in (one.people, one.without) if each is not None],
        "plans-reviewed": [each for one in plans for each in (one.due, one.reviewed)],
        "plans-done": [each for one in plans for each in (one.due, *one.states)],
        "plans-stuck": [each for one in plans for each in (one.due, *one.states)],
        "needs-asked": [event.needs for event in overview.events],
        "dropped-off": [each for event in overview.events for each in (event.came, event.missed)],
        "response-rate": [each for event in overview.events for each in (event.asked, event.answered)],
    }


def _about(programme: Programme, read: Reading) -> Section:
    return section(
        "about",
        _("About this report"),
        "",
        text(
            _(
                "%(programme)s runs from %(first)s to %(last)s. This report answers the questions of its evaluation "
                "with what the service had on record on %(day)s.",
                programme=programme.name,
                first=month_day(programme.starts_on),
                last=month_day(programme.ends_on),
                day=month_day(read.now),
            ),
            _("Each table says how its numbers were counted, out of how many, and from which source."),
            _(
                "Where fewer than 5 people stand behind a number, it is not shown, nor is another from which it could "
                "be worked out. Nobody is named, but where somebody allowed that their words are quoted with their "
                "name."
            ),
        ),
    )


def _limits() -> Section:
    return section(
        "limits",
        _("Limits of the data"),
        "",
        bullets(
            [
                _(
                    "Groups are small. Where few people answered, one of them can move a median or a share by a lot; "
                    "read the intervals and the numbers of answers first."
                ),
                _(
                    "Those who answer surveys may differ from those who do not. The tables of responses say how many "
                    "were asked and how many answered."
                ),
                _(
                    "Most of what is said about learning, use, adoption and pledges is what people and organisations "
                    "told of themselves. Nobody has checked it."
                ),
                _(
                    "There is no comparison group. A change after the programme need not have come from it; people "
                    "were asked what else contributed."
                ),
                _("Attendance is as it was marked, checked in or imported. What was not marked is shown so."),
                _(
                    "Looks and downloads of the toolkit are counted without cookies, so the same person on two "
                    "machines counts twice unless signed in."
                ),
                _(
                    "Two reports of different days differ by few people. Do not publish the difference of two reports "
                    "as a figure of its own."
                ),
            ]
        ),
    )


def _hidden(questions: Sequence[Section]) -> Section:
    """What the report does not show, table by table, and why."""
    lines: list[str] = []
    for one in questions:
        for part in one["parts"]:
            if part["kind"] == "table":
                lines += _hidden_in(one, part)
    return section(
        "hidden",
        _("What is not shown, and why"),
        "",
        bullets(lines) if lines else text(_("Nothing had to be hidden.")),
    )


def _hidden_in(one: Section, part: Mapping[str, Any]) -> Iterator[str]:
    found = Counter(
        cell["hidden"] for row in part["rows"] for cell in row if isinstance(cell, dict) and "hidden" in cell
    )
    where = {"section": one["title"], "table": part["title"]}
    if found[SMALL]:
        yield ngettext(
            "%(section)s, %(table)s: %(num)s number, because fewer than 5 stand behind it.",
            "%(section)s, %(table)s: %(num)s numbers, because fewer than 5 stand behind each.",
            found[SMALL],
            **where,
        )
    if found[OTHER]:
        yield ngettext(
            "%(section)s, %(table)s: %(num)s number, because it, or another it would tell, may be fewer than 5.",
            "%(section)s, %(table)s: %(num)s numbers, because they, or others they would tell, may be fewer than 5.",
            found[OTHER],
            **where,
        )
