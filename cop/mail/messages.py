"""The list of all messages."""

from cop.core.errors import marked
from cop.mail import about_accounts, about_answers, about_bookings, about_courses, about_forum
from cop.mail.kinds import Kind

BECAUSE_DECIDED = marked("You get this message because you applied for a place on this course.")
BECAUSE_ON_COURSE = marked("You get this message because you have a place on this course.")
BECAUSE_BOOKED = marked("You get this message because you booked a place, or somebody booked it for you.")
BECAUSE_INVITED = marked("You get this message because the programme invites you personally.")
BECAUSE_CAME = marked("You get this message because you came to an event of the programme, or are on a course.")
BECAUSE_APPLIED = marked("You get this message because you began an application with this address.")

MESSAGES: dict[str, Kind] = {
    "sign_in": Kind(
        about_accounts.sign_in, marked("You get this message because somebody typed your address on our sign-in page.")
    ),
    "registration_confirm": Kind(
        about_accounts.registration,
        marked("You get this message because somebody typed your address to register for a webinar."),
    ),
    "booking_confirmed": Kind(about_bookings.live_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_changed": Kind(about_bookings.live_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_cancelled": Kind(about_bookings.ended_booking, BECAUSE_BOOKED, "CANCEL"),
    "booking_cancelled_by_staff": Kind(about_bookings.ended_booking, BECAUSE_BOOKED, "CANCEL"),
    "reminder": Kind(about_bookings.reminder, BECAUSE_BOOKED),
    "invitation": Kind(about_answers.invitation, BECAUSE_INVITED),
    "invitation_reminder": Kind(about_answers.invitation, BECAUSE_INVITED),
    "invitation_withdrawn": Kind(about_answers.withdrawn_invitation, BECAUSE_INVITED, "CANCEL"),
    "part_cancelled": Kind(about_bookings.cancelled_part, BECAUSE_BOOKED, "REQUEST"),
    "survey_invitation": Kind(about_answers.survey, BECAUSE_CAME),
    "survey_reminder": Kind(about_answers.survey, BECAUSE_CAME),
    "offer_made": Kind(about_courses.open_offer, BECAUSE_DECIDED),
    "offer_reminder": Kind(about_courses.open_offer, BECAUSE_DECIDED),
    "offer_lapsed": Kind(about_courses.ended_offer, BECAUSE_DECIDED),
    "offer_withdrawn": Kind(about_courses.ended_offer, BECAUSE_DECIDED),
    "application_reserve": Kind(about_courses.decided, BECAUSE_DECIDED),
    "application_declined": Kind(about_courses.decided, BECAUSE_DECIDED),
    "roster_message": Kind(about_courses.of_roster, BECAUSE_ON_COURSE),
    "application_started": Kind(about_courses.draft, BECAUSE_APPLIED),
    "application_closing_soon": Kind(about_courses.draft_before_the_close, BECAUSE_APPLIED),
    "application_submitted": Kind(about_courses.submitted_application, BECAUSE_APPLIED),
    "application_withdrawn": Kind(about_courses.withdrawn_application, BECAUSE_APPLIED),
    "course_cancelled": Kind(about_courses.of_application, BECAUSE_APPLIED),
    "forum_reply": Kind(
        about_forum.forum_news, marked("You get this message because you follow this topic or wrote in it.")
    ),
    "forum_topic": Kind(
        about_forum.forum_news, marked("You get this message because you follow this space of the forum.")
    ),
}
