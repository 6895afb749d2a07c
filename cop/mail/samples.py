"""What each kind of message can be shown about before it is sent."""

from collections.abc import Callable, Mapping

from cop.core.work import Reading
from cop.mail.drawing import Drawn
from cop.mail.letters import as_it_reads
from cop.models.outbox import OFFER_LETTER, Outbox
from cop.queries import samples
from cop.queries.samples import Sample

ONLY_KEYS = frozenset(
    {
        "address_change_confirm",
        "address_change_known",
        "address_change_notice",
        "endorsement_asked",
        "endorsement_reminder",
        "erased",
        "factors_changed",
        "interest_confirm",
        "member_letter",
        "request_closed",
        "request_due",
        "request_news",
        "request_received",
        "new_browser",
        "sign_in",
        "speaker_asked",
        "speaker_reminder",
        "registration_confirm",
        "test",
    }
)
"""Messages that hold a key and no more, go to people whom we do not know, tell what only their recipient reads, or are
samples themselves: nobody looks at those in advance."""

SAMPLES: Mapping[str, Callable[[Reading, int], list[Sample]]] = {
    "booking_confirmed": samples.of_bookings,
    "booking_changed": samples.of_bookings,
    "booking_cancelled": samples.of_bookings,
    "booking_cancelled_by_staff": samples.of_bookings,
    "event_reminder": samples.of_rules_before,
    "event_note": samples.of_rules_after,
    "reminder": samples.of_parts,
    "part_cancelled": samples.of_parts,
    "visit_pack": samples.of_parts,
    "visit_missed": samples.of_bookings,
    "host_asked": samples.of_rota,
    "host_not_needed": samples.of_rota,
    "invitation": samples.of_invitations,
    "invitation_reminder": samples.of_invitations,
    "invitation_withdrawn": samples.of_bookings,
    "substitute_welcome": samples.of_substitutes,
    "substitute_approved": samples.of_substitutions,
    "substitute_declined": samples.of_substitutions,
    "place_passed_on": samples.of_places_passed_on,
    "survey_invitation": samples.of_surveys,
    "survey_reminder": samples.of_surveys,
    "offer_made": samples.of_offers,
    "offer_reminder": samples.of_offers,
    "offer_lapsed": samples.of_offers,
    "offer_withdrawn": samples.of_offers,
    "waiting_joined": samples.of_waiting,
    "waiting_ended": samples.of_waiting,
    OFFER_LETTER: samples.of_offers_in_line,
    "place_offer_reminder": samples.of_offers_in_line,
    "place_offer_lapsed": samples.of_offers_in_line,
    "place_offer_withdrawn": samples.of_offers_in_line,
    "application_reserve": samples.of_applications,
    "application_declined": samples.of_applications,
    "decision_reviewed": samples.of_reviewed_decisions,
    "application_started": samples.of_applications,
    "application_closing_soon": samples.of_applications,
    "application_submitted": samples.of_applications,
    "application_withdrawn": samples.of_applications,
    "endorsement_answered": samples.of_endorsements,
    "course_cancelled": samples.of_applications,
    "roster_message": samples.of_places_on_courses,
    "reviews_waiting": samples.of_courses_to_review,
    "plan_check": samples.of_plans,
    "action_check": samples.of_actions,
    "pledge_check": samples.of_pledges,
    "rating_invitation": samples.of_organisations_led,
    "forum_news": samples.of_forum,
    "forum_post": samples.of_posts,
    "forum_waiting": samples.of_questions_waiting,
    "forum_answered": samples.of_questions_asked,
    "forum_answer": samples.of_answers_by_mail,
    "forum_match": samples.of_offers_that_fit,
    "resource_used": samples.of_resources_taken,
    "resource_changed": samples.of_resources_taken,
    "resource_review": samples.of_resources_owned,
    "resource_link_broken": samples.of_addresses_owned,
    "announcement": samples.of_announcements,
}
"""For each kind of message, the records of a person that it could be about."""


def preview(read: Reading, *, kind: str, person_id: int, sample: Sample) -> Drawn | None:
    """What the person would get, without the keys in it; None where this record cannot be told of in this way."""
    return as_it_reads(read, Outbox(template=kind, person_id=person_id, params=sample.params))
