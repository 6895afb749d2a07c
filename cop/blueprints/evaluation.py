"""What the evaluation needs: exports, each with its codebook."""

from collections.abc import Iterator
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from cop import exporting
from cop.core.access import EVALUATION
from cop.queries import evaluation as queries
from cop.queries.attendance import export_programme
from cop.web import Area, observe, read, streamed

area = Area("evaluation", __name__, url_prefix="/evaluation")


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    return render_template(
        "evaluation/index.html", programmes=queries.programmes(read()), events=queries.attendance(read())
    )


@area.get("/exports/attendance.csv", access=EVALUATION)
def attendance() -> ResponseReturnValue:
    asked = _asked()
    body = exporting.attendance_csv(read(), **asked)
    observe("attendance exported", "programme", export_programme(read(), slug=asked["programme_slug"]).id)
    return _download(body, "attendance.csv")


@area.get("/exports/attendance-codebook.csv", access=EVALUATION)
def attendance_codebook() -> ResponseReturnValue:
    return _download(exporting.attendance_codebook(read(), **_asked()), "attendance-codebook.csv")


def _asked() -> dict[str, Any]:
    """What the address asks for; an evaluator reads pseudonyms whatever it says."""
    slug = request.args.get("programme", "")
    hidden = request.args.get("pseudonymised") == "1" or queries.must_pseudonymise(read(), slug=slug)
    return {"programme_slug": slug, "pseudonymised": hidden}


def _download(body: Iterator[bytes], name: str) -> Response:
    return Response(
        streamed(body, read()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
