"""What the evaluation needs: figures with their definitions, and exports, each with its codebook."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from cop import exporting
from cop.core.access import EVALUATION
from cop.core.errors import NotFound
from cop.models.programmes import Programme
from cop.queries import evaluation as queries
from cop.queries.exports import scope
from cop.web import Area, observe, read, streamed

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
        found=queries.overview(read(), chosen),
        kinds=exporting.KINDS.values(),
    )


def _chosen(programmes: Sequence[Programme]) -> Programme:
    """The programme in the address, or the first."""
    slug = request.args.get("programme")
    for programme in programmes:
        if slug in {None, "", programme.slug}:
            return programme
    raise NotFound


@area.get("/exports/<kind>.csv", access=EVALUATION)
def export(kind: str) -> ResponseReturnValue:
    asked = _asked()
    body = exporting.table(read(), kind=kind, **asked)
    observe(f"{kind} exported", "programme", scope(read(), **asked).programme_id)
    return _download(body, f"{kind}.csv")


@area.get("/exports/<kind>-codebook.csv", access=EVALUATION)
def codebook(kind: str) -> ResponseReturnValue:
    return _download(exporting.codebook(read(), kind=kind, **_asked()), f"{kind}-codebook.csv")


def _asked() -> dict[str, Any]:
    """What the address asks for; an evaluator reads pseudonyms whatever it says."""
    return {
        "programme_slug": request.args.get("programme", ""),
        "pseudonymised": request.args.get("pseudonymised") == "1",
    }


def _download(body: Iterator[bytes], name: str) -> Response:
    return Response(
        streamed(body, read()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
