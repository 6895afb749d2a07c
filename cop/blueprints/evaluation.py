"""What the evaluation needs: exports, each with its codebook."""

from collections.abc import Iterator

from flask import Response, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue

from cop import exporting
from cop.core.access import EVALUATION
from cop.queries import evaluation as queries
from cop.web import Area, observe, read

area = Area("evaluation", __name__, url_prefix="/evaluation")


@area.get("/", access=EVALUATION)
def index() -> ResponseReturnValue:
    return render_template(
        "evaluation/index.html", programmes=queries.programmes(read()), events=queries.attendance(read())
    )


@area.get("/exports/attendance.csv", access=EVALUATION)
def attendance() -> ResponseReturnValue:
    slug = request.args.get("programme", "")
    body = exporting.attendance_csv(
        read(),
        programme_slug=slug,
        pseudonymised=queries.must_pseudonymise(read(), slug=slug) or _asked_for_pseudonyms(),
    )
    observe("attendance exported", "programme", None)
    return _download(body, "attendance.csv")


@area.get("/exports/attendance-codebook.csv", access=EVALUATION)
def attendance_codebook() -> ResponseReturnValue:
    slug = request.args.get("programme", "")
    return _download(exporting.attendance_codebook(read(), programme_slug=slug), "attendance-codebook.csv")


def _asked_for_pseudonyms() -> bool:
    return request.args.get("pseudonymised") == "1"


def _download(body: Iterator[bytes], name: str) -> Response:
    return Response(
        stream_with_context(body),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )
