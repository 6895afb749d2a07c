"""What the evaluation needs: figures with their definitions, and exports, each with its codebook."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop import exporting
from cop.core.access import EVALUATION
from cop.core.errors import NotFound
from cop.exporting import Format
from cop.forms.evaluation import PrepareExport
from cop.models.programmes import Programme
from cop.queries import evaluation as queries
from cop.queries.exports import scope
from cop.queries.tasks import EXPORT
from cop.services import tasks
from cop.web import Area, attempt, form_page, observe, read, streamed

area = Area("evaluation", __name__, url_prefix="/evaluation")


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    programmes = queries.programmes(read())
    if not programmes:
        return render_template("evaluation/empty.html")
    chosen = _chosen(programmes)
    return render_template(
        "evaluation/index.html",
        programmes=programmes,
        programme=chosen,
        found=queries.overview(read(), chosen, _geography()),
        kinds=exporting.KINDS.values(),
    )


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
