"""One area per feature; the application registers them all."""

from cop.blueprints import (
    accounts,
    admin,
    attendance,
    bookings,
    calendars,
    demo,
    evaluation,
    health,
    organisations,
    pages,
    visits,
)

ALL_AREAS = (
    pages.area,
    accounts.area,
    visits.area,
    bookings.area,
    attendance.area,
    calendars.area,
    organisations.area,
    evaluation.area,
    admin.area,
    health.area,
)
DEMO_AREAS = (demo.area,)
