"""The only bridge between Flask and the layers below."""

from cop.web.acting import current_actor, current_person
from cop.web.area import Area, refuse_open_routes
from cop.web.database import Outcome, Ports, attempt, db, observe, ports, read, run, streamed, unit_of_work
from cop.web.pages import (
    EVENT_PAGES,
    LARGEST_ID,
    STAFF_PAGES,
    Pager,
    address,
    before_id,
    form_page,
    letter_page,
    page_number,
    paged,
    pdf_page,
    shown_or_refused,
    sure_page,
)
from cop.web.second_factor import (
    fresh,
    held_second_factor,
    is_fresh,
    is_second_factor_given,
    keep_second_factor,
    note_second_factor,
    note_vouched,
    vouched_by,
)
from cop.web.signed_in import forget_person, safe_path, sign_in_person, sign_out_person, wants_sign_in
from cop.web.stored import send_picture, send_stored
from cop.web.tokens import CALLS_A_MINUTE, bearer
from cop.web.versions import migration_of_code

__all__ = [
    "CALLS_A_MINUTE",
    "EVENT_PAGES",
    "LARGEST_ID",
    "STAFF_PAGES",
    "Area",
    "Outcome",
    "Pager",
    "Ports",
    "address",
    "attempt",
    "bearer",
    "before_id",
    "current_actor",
    "current_person",
    "db",
    "forget_person",
    "form_page",
    "fresh",
    "held_second_factor",
    "is_fresh",
    "is_second_factor_given",
    "keep_second_factor",
    "letter_page",
    "migration_of_code",
    "note_second_factor",
    "note_vouched",
    "observe",
    "page_number",
    "paged",
    "pdf_page",
    "ports",
    "read",
    "refuse_open_routes",
    "run",
    "safe_path",
    "send_picture",
    "send_stored",
    "shown_or_refused",
    "sign_in_person",
    "sign_out_person",
    "streamed",
    "sure_page",
    "unit_of_work",
    "vouched_by",
    "wants_sign_in",
]
