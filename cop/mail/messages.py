"""The list of all messages."""

from cop.core.errors import marked
from cop.core.work import Reading
from cop.mail import (
    about_accounts,
    about_adoption,
    about_answers,
    about_bookings,
    about_courses,
    about_forum,
    about_members,
    about_plans,
    about_privacy,
    about_questions,
    about_requests,
    about_rules,
    about_speakers,
    about_telling,
    about_toolkit,
    about_visits,
    about_waiting,
)
from cop.mail.drawing import draw, redacted
from cop.mail.kinds import Kind, Values
from cop.models.accounts import Person
from cop.models.outbox import OFFER_LETTER, Outbox

BECAUSE_DECIDED = marked("You get this message because you applied for a place on this course.")
BECAUSE_ON_COURSE = marked("You get this message because you have a place on this course.")
BECAUSE_PLANNED = marked("You get this message because you wrote an action plan on this course.")
BECAUSE_TOOK_ON = marked("You get this message because you or your organisation took this on at a summit.")
BECAUSE_PLEDGED = marked(
    "You get this message because you made this pledge, or speak for the organisation that made it."
)
BECAUSE_LEADS = marked("You get this message because you speak for your organisation in the programme.")
BECAUSE_SECURE = marked("You get this message because it is about the security of your account.")
BECAUSE_BOOKED = marked("You get this message because you booked a place, or somebody booked it for you.")
BECAUSE_INVITED = marked("You get this message because the programme invites you personally.")
BECAUSE_SENT = marked(
    "You get this message because somebody whom the programme invited would like you to come instead."
)
BECAUSE_TOOK_PART = marked(
    "You get this message because you booked or came to an event of the programme, applied to a course of it, or took "
    "something along from one of its events."
)
BECAUSE_WAITS = marked("You get this message because you joined a waiting list, or somebody put you on it.")
BECAUSE_TAKES_PART = marked(
    "You get this message because you booked a place at this event, asked for one, or were invited to it."
)
BECAUSE_HOSTS = marked("You get this message because you receive visitors of the programme.")
BECAUSE_APPLIED = marked("You get this message because you began an application, or we entered one for you.")
BECAUSE_SPEAKS = marked("You get this message because we would like you to speak at an event of the programme.")
BECAUSE_TOOK = marked("You get this message because you took this from the toolkit and said that we may write.")
BECAUSE_LOOKS_AFTER = marked("You get this message because you look after this resource of the toolkit.")
BECAUSE_ASKED = marked(
    "You get this message because you asked about your data or complained, or we entered it in your name."
)
BECAUSE_NAMED = marked("You get this message because an applicant named you, with this address.")


def _test(read: Reading, row: Outbox) -> Values | None:
    """What somebody else would get, without the keys in it."""
    kind = row.params["kind"]
    meant = Outbox(template=kind, person_id=row.params["for_person"], params=row.params["about"])
    drawn = draw(read, meant, MESSAGES[kind])
    recipient = read.session.get(Person, row.params["for_person"])
    return {"drawn": redacted(drawn), "recipient": recipient} if drawn is not None else None


MESSAGES: dict[str, Kind] = {
    "sign_in": Kind(
        about_accounts.sign_in, marked("You get this message because somebody typed your address on our sign-in page.")
    ),
    "erased": Kind(
        about_privacy.erased,
        marked("You get this message because what we held about you was erased, as was asked for."),
    ),
    "registration_confirm": Kind(
        about_accounts.registration,
        marked("You get this message because somebody typed your address to register for a webinar."),
    ),
    "announcement": Kind(
        about_telling.announcement,
        marked(
            "You get this message because you agreed to news of the programme, take part in it, or asked to hear of "
            "the next round."
        ),
    ),
    "interest_confirm": Kind(
        about_telling.interest_confirm,
        marked("You get this message because somebody typed your address to hear of the next round."),
    ),
    "address_change_confirm": Kind(
        about_accounts.new_address, marked("You get this message because somebody typed your address in their account.")
    ),
    "address_change_known": Kind(
        about_accounts.new_address, marked("You get this message because somebody typed your address in their account.")
    ),
    "address_change_notice": Kind(
        about_accounts.former_address, marked("You get this message because your account is to have another address.")
    ),
    "new_browser": Kind(about_accounts.new_browser, BECAUSE_SECURE),
    "factors_changed": Kind(about_accounts.changed_factors, BECAUSE_SECURE),
    "booking_confirmed": Kind(about_bookings.live_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_changed": Kind(about_bookings.changed_booking, BECAUSE_BOOKED, "REQUEST"),
    "booking_cancelled": Kind(about_bookings.ended_booking, BECAUSE_BOOKED, "CANCEL"),
    "booking_cancelled_by_staff": Kind(about_visits.cancelled_by_staff, BECAUSE_BOOKED, "CANCEL"),
    "waiting_joined": Kind(about_waiting.joined, BECAUSE_WAITS),
    "waiting_ended": Kind(about_waiting.ended, BECAUSE_WAITS),
    OFFER_LETTER: Kind(about_waiting.open_offer, BECAUSE_WAITS),
    "place_offer_reminder": Kind(about_waiting.open_offer, BECAUSE_WAITS),
    "place_offer_lapsed": Kind(about_waiting.ended_offer, BECAUSE_WAITS),
    "place_offer_withdrawn": Kind(about_waiting.ended_offer, BECAUSE_WAITS),
    "visit_pack": Kind(about_visits.visit_pack, BECAUSE_BOOKED),
    "visit_missed": Kind(about_visits.missed, BECAUSE_BOOKED),
    "host_asked": Kind(about_visits.host_asked, BECAUSE_HOSTS),
    "host_not_needed": Kind(about_visits.host_not_needed, BECAUSE_HOSTS),
    "event_reminder": Kind(about_rules.of_rule, BECAUSE_TAKES_PART),
    "event_note": Kind(about_rules.of_rule, BECAUSE_TAKES_PART),
    "reminder": Kind(about_bookings.reminder, BECAUSE_BOOKED),
    "invitation": Kind(about_answers.invitation, BECAUSE_INVITED),
    "invitation_reminder": Kind(about_answers.invitation, BECAUSE_INVITED),
    "invitation_withdrawn": Kind(about_answers.withdrawn_invitation, BECAUSE_INVITED, "CANCEL"),
    "substitute_welcome": Kind(about_answers.substitute_welcome, BECAUSE_SENT, "REQUEST"),
    "substitute_approved": Kind(about_answers.decided_substitute, BECAUSE_INVITED),
    "substitute_declined": Kind(about_answers.decided_substitute, BECAUSE_INVITED),
    "place_passed_on": Kind(about_answers.place_passed_on, BECAUSE_INVITED, "CANCEL"),
    "part_cancelled": Kind(about_bookings.cancelled_part, BECAUSE_BOOKED, "REQUEST"),
    "speaker_asked": Kind(about_speakers.asked, BECAUSE_SPEAKS),
    "speaker_reminder": Kind(about_speakers.asked, BECAUSE_SPEAKS),
    "survey_invitation": Kind(about_answers.survey, BECAUSE_TOOK_PART),
    "survey_reminder": Kind(about_answers.survey, BECAUSE_TOOK_PART),
    "offer_made": Kind(about_courses.made_offer, BECAUSE_DECIDED),
    "offer_reminder": Kind(about_courses.open_offer, BECAUSE_DECIDED),
    "offer_lapsed": Kind(about_courses.ended_offer, BECAUSE_DECIDED),
    "offer_withdrawn": Kind(about_courses.ended_offer, BECAUSE_DECIDED),
    "application_reserve": Kind(about_courses.decided, BECAUSE_DECIDED),
    "application_declined": Kind(about_courses.decided, BECAUSE_DECIDED),
    "decision_reviewed": Kind(about_courses.reviewed_decision, BECAUSE_DECIDED),
    "roster_message": Kind(about_courses.of_roster, BECAUSE_ON_COURSE),
    "reviews_waiting": Kind(
        about_courses.reviews_waiting,
        marked("You get this message because you review applications to this course."),
    ),
    "plan_check": Kind(about_plans.plan_check, BECAUSE_PLANNED),
    "action_check": Kind(about_plans.action_check, BECAUSE_TOOK_ON),
    "pledge_check": Kind(about_adoption.pledge_check, BECAUSE_PLEDGED),
    "rating_invitation": Kind(about_adoption.rating_invitation, BECAUSE_LEADS),
    "application_started": Kind(about_courses.draft, BECAUSE_APPLIED),
    "application_closing_soon": Kind(about_courses.draft_before_the_close, BECAUSE_APPLIED),
    "application_submitted": Kind(about_courses.submitted_application, BECAUSE_APPLIED),
    "application_withdrawn": Kind(about_courses.withdrawn_application, BECAUSE_APPLIED),
    "endorsement_asked": Kind(about_courses.open_endorsement, BECAUSE_NAMED),
    "endorsement_reminder": Kind(about_courses.endorsement_before_the_close, BECAUSE_NAMED),
    "endorsement_answered": Kind(about_courses.answered_endorsement, BECAUSE_APPLIED),
    "course_cancelled": Kind(about_courses.of_application, BECAUSE_APPLIED),
    "forum_news": Kind(
        about_forum.forum_news,
        marked(
            "You get this message because you follow this in the forum, or wrote in it, and chose how often we write."
        ),
    ),
    "forum_post": Kind(
        about_forum.forum_post,
        marked(
            "You get this message because you chose a letter for each post that you follow in the forum, or because "
            "somebody mentioned you."
        ),
    ),
    "forum_waiting": Kind(
        about_questions.forum_waiting,
        marked("You get this message because you look after the forum in which the question was asked."),
    ),
    "forum_answered": Kind(
        about_questions.forum_answered,
        marked("You get this message because you asked a question in the forum. We ask once about each."),
    ),
    "forum_answer": Kind(
        about_forum.forum_answer, marked("You get this message because an answer to the forum came from you by e-mail.")
    ),
    "resource_used": Kind(about_toolkit.used, BECAUSE_TOOK),
    "resource_changed": Kind(about_toolkit.changed, BECAUSE_TOOK),
    "resource_review": Kind(about_toolkit.review, BECAUSE_LOOKS_AFTER),
    "resource_link_broken": Kind(about_toolkit.link_broken, BECAUSE_LOOKS_AFTER),
    "forum_match": Kind(
        about_members.forum_match,
        marked("You get this message because you chose letters of the forum, and an offer or an ask of yours waits."),
    ),
    "member_letter": Kind(
        about_members.member_letter,
        marked("You get this message because somebody wrote to you through the directory of members."),
    ),
    "request_received": Kind(about_requests.received, BECAUSE_ASKED),
    "request_news": Kind(about_requests.news, BECAUSE_ASKED),
    "request_closed": Kind(about_requests.closed, BECAUSE_ASKED),
    "request_due": Kind(
        about_requests.due, marked("You get this message because you answer requests under data protection law.")
    ),
    "test": Kind(_test, marked("You get this message because you sent it to yourself as a test.")),
}
