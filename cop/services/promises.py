"""What to tell a person when a promise that the database keeps refused the last step."""

from cop.core.errors import Refusal, marked

FULL = marked("The last places have just been taken. Choose another time or a smaller party.")

MESSAGES = {
    "ck_event_seats_fit": FULL,
    "ck_part_seats_fit": FULL,
    "ck_day_limit_seats_fit": FULL,
    "uq_booking_one_live_per_person": marked("There is already a booking for this person. Change that one instead."),
    "uq_seat_one_live_per_person": marked("There is already a booking for this person. Change that one instead."),
    "uq_waiting_one_live_per_person": marked("This person is on the waiting list already."),
    "uq_application_one_live_per_person": marked("You have begun an application to this course already."),
    "uq_mark_current": marked("Somebody else marked this person at the same moment. Look at the list again."),
    "fk_mark_seat_id": marked("Attendance of this party has been marked already"),
    "uq_person_email": marked("Somebody with this e-mail address is already known."),
    "uq_organisation_name": marked("There is already an organisation of this name."),
    "uq_organisation_slug": marked("There is already an organisation with this address."),
    "pk_organisation_domain": marked("One of these e-mail domains already belongs to another organisation."),
    "uq_event_slug": marked("There is already an event with this address."),
    "uq_programme_slug": marked("There is already a programme with this address."),
    "uq_series_slug": marked("There is already a series with this address."),
    "uq_space_slug": marked("There is already a space with this address."),
    "uq_subgroup_event_id_name": marked("There is already a sub-group of this name."),
    "uq_space_cohort": marked("This course has a space already."),
    "uq_tag_slug": marked("There is already a word with this address."),
    "uq_tag_kind_name": marked("This word is in the list already."),
    "uq_report_post_id_reporter_id": marked("You have reported this post already. A facilitator looks at it."),
    "uq_day_limit_event_id_on_date": marked("There is already a limit for this day."),
    "uq_resource_slug": marked("There is already a resource with this address."),
    "uq_collection_slug": marked("There is already a collection with this address."),
    "uq_resource_version_draft": marked("Somebody else has begun the next version a moment ago. Look at it again."),
    "uq_event_file_event_id_sha256": marked("The same file is here already."),
    "uq_grant_live": marked("This person already holds that role."),
    "merged_person": marked("This record was merged with another a moment ago. Sign in again, or look the person up."),
    "merged_organisation": marked("This organisation was merged with another a moment ago. Choose it once more."),
}


def refusal_for(constraint: str | None) -> Refusal | None:
    """The refusal that a broken constraint means, or None where it means a fault of ours."""
    message = MESSAGES.get(constraint or "")
    return Refusal(message) if message else None
