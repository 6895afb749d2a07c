"""One area per feature; the application registers them all."""

from cop.blueprints import (
    accounts,
    admin,
    admin_directory,
    admin_events,
    admin_messages,
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
    admin_directory.area,
    admin_events.area,
    admin_messages.area,
    health.area,
)
DEMO_AREAS = (demo.area,)
