"""What the evaluation needs: figures with their definitions, and exports, each with its codebook."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import exporting
from cop.algorithms.plotting import Axis, axis
from cop.core.access import EVALUATION, PROGRAMME_STAFF_ONLY
from cop.core.errors import NotFound
from cop.exporting import Format
from cop.forms.accounts import SECTORS
from cop.forms.directory import KINDS, MEMBERSHIP_NAMES, REGIONS
from cop.forms.evaluation import ChooseFigures, PrepareExport
from cop.models.programmes import Programme
from cop.queries import adoption, coding, indicators, toolkit_use
from cop.queries import evaluation as queries
from cop.queries.evaluation import answers, promises
from cop.queries.evaluation.kept import counted_at
from cop.queries.exports import scope
from cop.queries.forum.health import health
from cop.queries.indicators.pairs import CONFIDENCE, CONTACTS, KNOWLEDGE
from cop.queries.succession import divided
from cop.queries.tasks import EXPORT
from cop.services import tasks
from cop.web import Area, attempt, form_page, fresh, observe, page_number, paged, read, streamed

PAGE = 50

area = Area("evaluation", __name__, url_prefix="/evaluation")


QUESTION_PAGES: Mapping[int, tuple[str, str]] = {
    1: ("evaluation.reach", "reach"),
    2: ("evaluation.reach", "sectors"),
    3: ("evaluation.learning", "reaction"),
    4: ("evaluation.learning", "confidence"),
    5: ("evaluation.actions", "plans"),
    6: ("evaluation.learning", "relationships"),
    7: ("evaluation.learning", "co-production"),
    8: ("evaluation.community", "community"),
    9: ("evaluation.community", "toolkit"),
    10: ("evaluation.actions", "adoption"),
    11: ("evaluation.actions", "pledges"),
    12: ("evaluation.events", "access"),
    13: ("evaluation.events", "events"),
    14: ("indicators.index", ""),
}
"""The page and the heading at which each question of the evaluation is answered."""


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    """The fourteen questions, each with its indicators and the way to its figures."""
    programmes = queries.programmes(read())
    if not programmes:
        return render_template("evaluation/empty.html")
    return render_template(
        "evaluation/index.html",
        **_shown(_chosen(programmes), programmes),
        questions=indicators.QUESTIONS,
        places=QUESTION_PAGES,
        kinds=exporting.KINDS.values(),
    )


def _shown(chosen: Programme, programmes: Sequence[Programme]) -> dict[str, Any]:
    """What each page of figures shows: of which programme, to whom, and the indicators of each question."""
    is_exact = queries.is_exact(read(), chosen)
    measured = indicators.measured(read(), chosen, hide=not is_exact)
    by_question = {number: [one for one in measured if one.question == number] for number in indicators.QUESTIONS}
    return {"programmes": programmes, "programme": chosen, "is_exact": is_exact, "by_question": by_question}


@dataclass(frozen=True)
class Page:
    """A page of figures that can be narrowed."""

    values: Mapping[str, Any]
    programme: Programme
    filters: queries.Filters
    hide: bool

    @property
    def of_events(self) -> queries.Filters:
        """What may be narrowed where there is a row for each event."""
        return queries.of_events(self.filters) if self.hide else self.filters

    def withheld(self) -> queries.Withheld | None:
        return queries.withheld(read(), self.programme) if self.hide else None


def _page() -> Page:
    programmes = queries.programmes(read())
    chosen = _chosen(programmes)
    quarters = queries.quarters(chosen)
    form = ChooseFigures(request.args)
    form.offer(queries.events_to_choose(read(), chosen), quarters)
    filters = form.filters(quarters)
    shown = _shown(chosen, programmes)
    shown["counted_at"] = None if filters else counted_at(read(), chosen.id)
    values = {**shown, "form": form, "asked": form.asked(), "filters": filters, "geography": _geography()}
    return Page(values, chosen, filters, hide=not shown["is_exact"])


@area.get("/reach", access=EVALUATION)
def reach() -> ResponseReturnValue:
    page = _page()
    withheld = page.withheld()
    return render_template(
        "evaluation/reach.html",
        **page.values,
        reach=queries.narrowed_reach(read(), page.programme, _geography(), page.filters),
        divided=divided(read()) if _geography() is queries.Geography.TODAY else (),
        courses=queries.courses(read(), page.programme, withheld=withheld, filters=page.of_events),
        half_days=queries.half_days(read(), page.programme, withheld=withheld, filters=page.of_events),
        heard=answers.heard(read(), page.programme, hide=page.hide),
        memberships=dict(MEMBERSHIP_NAMES),
        kinds=dict(KINDS),
        regions=dict(REGIONS),
        sectors=dict(SECTORS),
        ways={by: partial(_people_of, page, by) for by in ("newer", "membership", "kind", "region", "sector")},
    )


def _people_of(page: Page, by: str, name: str) -> str:
    """The address of the people behind one row of a table."""
    return url_for(".people", **{**page.values["asked"], "programme": page.programme.slug, by: name})


@area.get("/events", access=EVALUATION)
def events() -> ResponseReturnValue:
    page = _page()
    narrowed = queries.of_events(page.filters)
    return render_template(
        "evaluation/events.html",
        **page.values,
        events=queries.event_funnels(read(), page.programme, withheld=page.withheld(), filters=page.of_events),
        hard=answers.chosen(read(), page.programme, answers.HARD, hide=page.hide, filters=narrowed),
    )


@area.get("/learning", access=EVALUATION)
def learning() -> ResponseReturnValue:
    page = _page()
    narrowed = queries.of_events(page.filters)
    changes = indicators.paired_changes(read(), page.programme, hide=page.hide)
    return render_template(
        "evaluation/learning.html",
        **page.values,
        reaction=answers.medians(read(), page.programme, answers.REACTION, narrowed),
        changes=changes,
        axes={code: _axis(changes, code) for code in (CONFIDENCE, KNOWLEDGE, CONTACTS)},
        co_production=answers.medians(read(), page.programme, answers.CO_PRODUCTION, narrowed),
        codes=coding.code_counts(read(), page.programme, hide=page.hide),
    )


def _axis(changes: Sequence[indicators.PairedChange], code: str) -> Axis:
    """One axis for all differences in a scale, with their intervals."""
    found = [change for change in changes if change.code == code]
    ends = [end for change in found if change.interval for end in (change.interval.low, change.interval.high)]
    return axis([*ends, *(change.difference for change in found if change.difference is not None)])


@area.get("/actions", access=EVALUATION)
def actions() -> ResponseReturnValue:
    page = _page()
    narrowed = queries.of_events(page.filters)
    return render_template(
        "evaluation/actions.html",
        **page.values,
        promised=promises.promised(read(), page.programme, hide=page.hide, filters=narrowed),
        states=promises.STATES,
        barriers=answers.chosen(read(), page.programme, answers.BARRIERS, hide=page.hide, filters=narrowed),
        enablers=answers.chosen(read(), page.programme, answers.ENABLERS, hide=page.hide, filters=narrowed),
        adoption=adoption.adoption(read(), page.programme),
    )


@area.get("/community", access=EVALUATION)
def community() -> ResponseReturnValue:
    programmes = queries.programmes(read())
    chosen = _chosen(programmes)
    return render_template(
        "evaluation/community.html",
        **_shown(chosen, programmes),
        health=health(read(), slug=chosen.slug),
        use=toolkit_use.use(read(), programme=chosen.slug),
        rungs=toolkit_use.RUNGS,
    )


@area.get("/people", access=PROGRAMME_STAFF_ONLY)
def people() -> ResponseReturnValue:
    """Who stands behind the figures, by name."""
    page = _page()
    found = queries.people(read(), page.programme, page.filters, offset=(page_number() - 1) * PAGE, limit=PAGE)
    observe("people behind figures read", "programme", page.programme.id)
    return render_template("evaluation/people.html", **page.values, pager=paged(found, PAGE), sectors=dict(SECTORS))


def _geography() -> queries.Geography:
    is_today = request.args.get("geography") == queries.Geography.TODAY
    return queries.Geography.TODAY if is_today else queries.Geography.THEN


def _chosen(programmes: Sequence[Programme]) -> Programme:
    """The programme in the address, or the first."""
    slug = request.args.get("programme")
    for programme in programmes:
        if slug in {None, "", programme.slug}:
            return programme
    raise NotFound


@area.get("/exports/<kind>.<format_>", access=EVALUATION)
def export(kind: str, format_: str) -> ResponseReturnValue:
    if format_ not in list(Format):
        raise NotFound
    asked, wanted = _asked(), Format(format_)
    if scope(read(), **asked).key is None:
        fresh()  # it has names
    body = exporting.table(read(), kind=kind, format_=wanted, **asked)
    observe(f"{kind} exported", "programme", scope(read(), **asked).programme_id)
    return _download(body, f"{kind}.{wanted}", wanted)


@area.get("/exports/<kind>-codebook.csv", access=EVALUATION)
def codebook(kind: str) -> ResponseReturnValue:
    return _download(exporting.codebook(read(), kind=kind, **_asked()), f"{kind}-codebook.csv", Format.CSV)


@area.form("/exports/<kind>/prepare", access=EVALUATION)
def prepare(kind: str) -> ResponseReturnValue:
    """Ask for the export and its codebook as a task, for those that take long."""
    if kind not in exporting.KINDS:
        raise NotFound
    chosen = _chosen(queries.programmes(read()))
    form = PrepareExport()
    if scope(read(), programme_slug=chosen.slug, pseudonymised=False).key is not None:
        del form.people
    else:
        fresh()  # it may have names
    if form.validate_on_submit():
        asked = {"kind": kind, "programme_slug": chosen.slug, "format": form.written_as.data}
        params = {**asked, "pseudonymised": form.is_pseudonymised}
        words = (
            _("%(kind)s of %(slug)s, pseudonymised") if form.is_pseudonymised else _("%(kind)s of %(slug)s, with names")
        )
        title = words % {"kind": kind.capitalize(), "slug": chosen.slug}
        done = attempt(form, partial(tasks.ask, kind=EXPORT, title=title, params=params))
        if done:
            return redirect(url_for("tasks.task", public_id=done.result.public_id))
    return form_page("evaluation/prepare.html", form, kind=kind, programme=chosen)


def _asked() -> dict[str, Any]:
    """What the address asks for; an evaluator reads pseudonyms whatever it says."""
    return {
        "programme_slug": request.args.get("programme", ""),
        "pseudonymised": request.args.get("pseudonymised") == "1",
    }


def _download(body: Iterator[bytes], name: str, written_as: Format) -> Response:
    return Response(
        streamed(body, read()),
        content_type=written_as.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
