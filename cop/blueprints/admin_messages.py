"""What the service sent, what it could not send, and whom staff have to call."""

from functools import partial

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cop.core.access import ADMIN_ONLY
from cop.queries import messages as queries
from cop.queries.messages import Shown
from cop.services import messages
from cop.web import Area, paged, read, run

PAGE = 50

LARGEST = 2**63 - 1
"""The largest id that the database knows: greater numbers are no addresses."""

MESSAGE = f"<int(max={LARGEST}):outbox_id>"

area = Area("admin_messages", __name__, url_prefix="/admin/messages")


@area.get("/", access=ADMIN_ONLY)
def index() -> ResponseReturnValue:
    shown = next((item for item in Shown if item == request.args.get("show")), Shown.SENT)
    listed = queries.to_tell if shown is Shown.TELL else partial(queries.messages, shown=shown)
    return render_template(
        "admin_messages/to_tell.html" if shown is Shown.TELL else "admin_messages/index.html",
        pager=paged(listed(read(), before=_before(), limit=PAGE), PAGE),
        shown=shown,
        lists=list(Shown),
        counts=queries.counts(read()),
    )


def _before() -> int | None:
    """The id below which the list continues; nonsense starts it from the top."""
    before = request.args.get("before", type=int)
    return before if before is not None and 0 < before <= LARGEST else None


@area.post(f"/{MESSAGE}/retry", access=ADMIN_ONLY)
def retry(outbox_id: int) -> ResponseReturnValue:
    run(partial(messages.retry, outbox_id=outbox_id))
    flash(_("The message is in the queue again."))
    return redirect(url_for(".index", show=Shown.DEAD))


@area.post(f"/{MESSAGE}/told", access=ADMIN_ONLY)
def told(outbox_id: int) -> ResponseReturnValue:
    run(partial(messages.mark_told, outbox_id=outbox_id))
    flash(_("Noted. The person is off the list."))
    return redirect(url_for(".index", show=Shown.TELL))
