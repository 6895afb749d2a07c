"""Every way in which a table is about somebody: one list for what we show, for the copy and for the erasure.

``tests/rules/test_privacy.py`` refuses a column that points to a person, or to what is theirs, and is not in it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement

from cop.core.errors import marked
from cop.models.accounts import Channel
from cop.models.audit import Audit
from cop.queries.audit import Read, sensitive
from cop.queries.privacy.held import Area, Fate, Held

FORMER_NAME = marked("Former member")

COUNTED = marked("kept for counts, without what you wrote")
SELECTED = marked("kept without names, because a public body has to show how it chose")
SECRET = marked("a secret of the service, or of a device of yours")
OF_OTHERS = marked("words of others, given to us in confidence")
TYPED = marked("typed by somebody who never confirmed that the address is theirs")

SECRETS = frozenset(
    {
        *("credential_id", "public_key", "sign_count", "secret", "last_step", "digest", "session_epoch", "generation"),
        *("link_generation", "asked_from", "message_id", "lease_until", "key", "equality_key"),
    }
)
"""Columns that no copy gives: secrets of the service, or of a device of its owner."""


def _goes(column: str, area: Area, called: str, **more: Any) -> Held:
    return Held(column, area, called, Fate.GOES, **more)


def _nameless(column: str, area: Area, called: str, empties: Mapping[str, Any] | None = None, **more: Any) -> Held:
    return Held(column, area, called, Fate.NAMELESS, empties or {}, **{"why": COUNTED, **more})


def _stays(column: str, area: Area, called: str, why: str, **more: Any) -> Held:
    return Held(column, area, called, Fate.STAYS, why=why, **more)


def not_judging() -> ColumnElement[bool]:
    """Leaves out changes of applications and offers, for they tell what others think of somebody, and that they do:
    what of it is theirs to know stands among the applications, once it was told.
    """
    return Audit.subject_kind.not_in(["application", "offer"])


_PLACES = marked("Your organisations, sectors and roles over time")
_SIGN_IN = marked("How you sign in: devices, keys and codes")
_BOOKED = marked("Bookings")
_CAME = marked("Attendance")
_APPLIED = marked("Applications")
_JUDGED = marked("Reviews and decisions about your applications")
_ASKED = marked("Surveys that you were asked to answer")
_PLANNED = marked("Plans, actions and what became of them")
_WROTE = marked("Posts and topics in the forum")
_SORTED = marked("What you follow, read and marked in the forum")
_USED = marked("What you took from the toolkit and said about it")
_LETTERS = marked("Letters between members")
_MAIL = marked("Messages that we sent you")
_REQUESTS = marked("What you asked of us by law, and complaints")
_NAMES_EMPTY = {"name": None, "email": None, "also": None, "organisation_text": ""}

PLAN: Sequence[Held] = (
    _goes("affiliation.person_id", Area.PROFILE, _PLACES),
    _goes("address_change.person_id", Area.PROFILE, marked("Changes of your address")),
    _goes("registration.person_id", Area.PROFILE, marked("Registrations that wait to be confirmed")),
    _goes(
        "registration.email",
        Area.PROFILE,
        marked("Registrations that wait to be confirmed"),
        by_address=True,
        excused=TYPED,
    ),
    _goes("task.person_id", Area.PROFILE, marked("Files and long work that you asked for")),
    _goes("account.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("device.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("passkey.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("authenticator.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("recovery_code.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("factor_try.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("external_identity.person_id", Area.SIGN_IN, _SIGN_IN),
    _goes("api_token.person_id", Area.SIGN_IN, marked("Tokens for programs")),
    _goes("sign_in.email", Area.SIGN_IN, _SIGN_IN, by_address=True, left_out={"browser": SECRET}),
    _nameless("booking.person_id", Area.BOOKINGS, _BOOKED),
    _nameless("seat.person_id", Area.BOOKINGS, _BOOKED, {"name": None}),
    _nameless(
        "seat.booking_id", Area.BOOKINGS, marked("Guests whom you named"), {"name": None}, through="booking.person_id"
    ),
    _nameless(
        "claim.booking_id",
        Area.BOOKINGS,
        _BOOKED,
        through="booking.person_id",
        excused=marked("the same places that the booking says"),
    ),
    _nameless("entry.booking_id", Area.BOOKINGS, _BOOKED, through="booking.person_id"),
    _goes(
        "advance_question.booking_id",
        Area.BOOKINGS,
        marked("Questions that you asked in advance"),
        through="booking.person_id",
    ),
    _nameless("mark.seat_id", Area.BOOKINGS, _CAME, through="seat.person_id"),
    _nameless(
        "door_press.seat_id",
        Area.BOOKINGS,
        _CAME,
        through="seat.person_id",
        excused=marked("what the door’s telephones sent, from which the attendance was made"),
    ),
    _nameless("reported_person.seat_id", Area.BOOKINGS, _CAME, _NAMES_EMPTY, through="seat.person_id"),
    _nameless("reported_interval.reported_person_id", Area.BOOKINGS, _CAME, through="reported_person.seat_id"),
    _goes(
        "attendance_record.person_id",
        Area.BOOKINGS,
        marked("Records of attendance, which can be checked by their codes"),
    ),
    _nameless("waiting.person_id", Area.BOOKINGS, marked("Waiting lists")),
    _nameless("waiting_part.waiting_id", Area.BOOKINGS, marked("Waiting lists"), through="waiting.person_id"),
    _nameless("offer.person_id", Area.BOOKINGS, marked("Places that were offered to you")),
    _nameless(
        "claim.offer_id",
        Area.BOOKINGS,
        marked("Places that were offered to you"),
        through="offer.person_id",
        excused=marked("the same places that the offer says"),
    ),
    _nameless("invitation.person_id", Area.BOOKINGS, marked("Invitations")),
    _goes(
        "substitution.invitation_id",
        Area.BOOKINGS,
        marked("People whom you wanted to send in your place"),
        through="invitation.person_id",
    ),
    _goes("substitution.email", Area.BOOKINGS, marked("Others wanted to send you in their place"), by_address=True),
    _nameless(
        "calendar_reply.booking_id",
        Area.BOOKINGS,
        marked("Answers from your calendar"),
        {"sender": None, "attendee": None},
        through="booking.person_id",
    ),
    _nameless(
        "calendar_reply.invitation_id",
        Area.BOOKINGS,
        marked("Answers from your calendar"),
        {"sender": None, "attendee": None},
        through="invitation.person_id",
    ),
    _nameless("seating_place.seat_id", Area.BOOKINGS, marked("Where you sat"), through="seat.person_id"),
    _goes(
        "seating_rule.first_seat_id",
        Area.BOOKINGS,
        marked("Wishes about who sits with whom"),
        through="seat.person_id",
        excused=OF_OTHERS,
    ),
    _goes(
        "seating_rule.second_seat_id",
        Area.BOOKINGS,
        marked("Wishes about who sits with whom"),
        through="seat.person_id",
        excused=OF_OTHERS,
    ),
    _nameless("slot_host.person_id", Area.BOOKINGS, marked("Visits that you were asked to host")),
    _goes("subgroup_member.person_id", Area.BOOKINGS, marked("Sub-groups of courses")),
    _goes("roster_note.person_id", Area.BOOKINGS, marked("Notes of facilitators about you")),
    _nameless(
        "speaker.email",
        Area.BOOKINGS,
        marked("Talks that you were asked to give"),
        {
            "name": FORMER_NAME,
            "email": None,
            "about": "",
            "photo": None,
            "photo_alt": "",
            "role_title": "",
            "organisation": "",
        },
        by_address=True,
        why=marked("the title of the talk stays on the page of the event"),
    ),
    _goes(
        "arrangement.booking_id",
        Area.NEEDS,
        marked("Access, diet, travel and emergency contact for what you booked"),
        through="booking.person_id",
    ),
    _nameless("application.person_id", Area.APPLICATIONS, _APPLIED, {"equality_key": None}, why=SELECTED),
    _nameless(
        "response.id",
        Area.APPLICATIONS,
        _APPLIED,
        {"answers": {}},
        through="application.person_id",
        key="response_id",
        why=SELECTED,
    ),
    _goes(
        "endorsement.application_id",
        Area.APPLICATIONS,
        marked("Support that others gave to your applications"),
        through="application.person_id",
    ),
    _nameless(
        "endorsement.email",
        Area.APPLICATIONS,
        marked("Support that you gave to applications of others"),
        {"name": FORMER_NAME, "email": ""},
        by_address=True,
        why=marked("your words about them stay with their application, without your name"),
    ),
    _goes(
        "redaction.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        through="application.person_id",
        told=True,
        excused=marked("your own answers with words blacked out"),
    ),
    _nameless(
        "assignment.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        through="application.person_id",
        told=True,
        excused=marked("who reads an application is confidential"),
        why=SELECTED,
    ),
    _nameless(
        "review.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        {"comment": ""},
        through="application.person_id",
        told=True,
        left_out={"reviewer_id": marked("who reads an application is confidential")},
        why=SELECTED,
    ),
    _nameless(
        "conflict.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        {"reason": ""},
        through="application.person_id",
        told=True,
        excused=marked("it tells about a reviewer"),
        why=SELECTED,
    ),
    _nameless(
        "moderation.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        {"reason": ""},
        through="application.person_id",
        told=True,
        why=SELECTED,
    ),
    _nameless(
        "decision.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        {"reason": "", "feedback": ""},
        through="application.person_id",
        told=True,
        why=SELECTED,
    ),
    _nameless(
        "reconsideration.application_id",
        Area.APPLICATIONS,
        _JUDGED,
        {"words": "", "answer": ""},
        through="application.person_id",
        why=SELECTED,
    ),
    _nameless("ask.person_id", Area.ANSWERS, _ASKED),
    _nameless(
        "response.ask_id",
        Area.ANSWERS,
        marked("Your answers to surveys"),
        through="ask.person_id",
        why=marked("choices and numbers are kept for counts; what you wrote in your own words goes"),
    ),
    _nameless(
        "answer_code.response_id",
        Area.ANSWERS,
        marked("Codes that the evaluation gave to your answers"),
        through="response.ask_id",
    ),
    _goes("quotation.response_id", Area.ANSWERS, marked("Quotations from your answers"), through="response.ask_id"),
    _nameless(
        "commitment.person_id",
        Area.PLANS,
        _PLANNED,
        {"challenge": "", "what": "", "first_step": "", "helpers": "", "check_on": None},
    ),
    _nameless(
        "commitment_check.commitment_id", Area.PLANS, _PLANNED, {"what_happened": ""}, through="commitment.person_id"
    ),
    _goes("story.person_id", Area.PLANS, marked("Stories of change")),
    _goes("story_link.story_id", Area.PLANS, marked("Stories of change"), through="story.person_id"),
    _nameless("topic.author_id", Area.FORUM, _WROTE, left_out={"words": marked("an index for the search")}),
    _nameless(
        "post.author_id",
        Area.FORUM,
        _WROTE,
        left_out={"words": marked("an index for the search"), "html": marked("the same as the text")},
    ),
    _nameless("post_version.post_id", Area.FORUM, _WROTE, through="post.author_id"),
    _nameless("post_file.post_id", Area.FORUM, marked("Files that you put into the forum"), through="post.author_id"),
    _nameless("reaction.person_id", Area.FORUM, _SORTED),
    _goes("follow.person_id", Area.FORUM, _SORTED),
    _goes("forum_mail.person_id", Area.FORUM, _SORTED),
    _goes("rules_accepted.person_id", Area.FORUM, _SORTED),
    _goes("space_seen.person_id", Area.FORUM, _SORTED),
    _goes("mention.person_id", Area.FORUM, marked("Posts of others that tell you of themselves because they name you")),
    _nameless("report.reporter_id", Area.FORUM, marked("Posts that you reported"), {"reason": ""}),
    _goes("forum_answer.person_id", Area.FORUM, marked("Answers to the forum by e-mail")),
    _goes("profile.person_id", Area.MEMBERS, marked("Your page in the directory of members")),
    _goes("profile_tag.person_id", Area.MEMBERS, marked("Your page in the directory of members")),
    _goes("relay.from_person_id", Area.MEMBERS, _LETTERS),
    _goes("relay.to_person_id", Area.MEMBERS, _LETTERS, left_out={"reported_why": OF_OTHERS}),
    _nameless("resource_taken.person_id", Area.TOOLKIT, _USED, {"wants_news": False, "ask_at": None}),
    _nameless("resource_use.person_id", Area.TOOLKIT, _USED, {"words": ""}),
    _nameless("usefulness.person_id", Area.TOOLKIT, _USED, {"person_id": None, "words": ""}),
    _nameless(
        "observation.person_id",
        Area.TOOLKIT,
        marked("What you looked at, joined or downloaded"),
        {"person_id": None},
        where=lambda: ~sensitive(*Read),
    ),
    _goes("outbox.person_id", Area.MAILS, _MAIL),
    _goes("outbox.address", Area.MAILS, _MAIL, by_address=True),
    _goes("bounce.address", Area.MAILS, marked("Mail to you that came back"), by_address=True),
    _goes("preference.person_id", Area.MAILS, marked("Which mail you want")),
    _goes("interest.person_id", Area.MAILS, marked("Rounds of the course that you wanted to hear of")),
    _goes(
        "interest.address",
        Area.MAILS,
        marked("Rounds of the course that you wanted to hear of"),
        by_address=True,
        excused=TYPED,
    ),
    _goes("consent.person_id", Area.CONSENTS, marked("What you agreed to, and when you said so")),
    _stays(
        "audit.about_person_id",
        Area.HISTORY,
        marked("Lines that say what was changed about you"),
        marked("the key to what they say is destroyed: nobody can read it again, and nothing was taken out unseen"),
        where=not_judging,
    ),
    _nameless(
        "person_key.person_id",
        Area.HISTORY,
        marked("The key to these lines"),
        {"key": None},
        is_counted=False,
        excused=SECRET,
        why=marked("that there was a key, and when it was destroyed"),
    ),
    _nameless(
        "privacy_request.person_id",
        Area.REQUESTS,
        _REQUESTS,
        {
            "name": None,
            "email": None,
            "contact": None,
            "asked_for": "",
            "answer": None,
            "asked_from": None,
            "asked_as": None,
        },
        why=marked("that somebody asked, what for, and on which day we answered"),
    ),
    _nameless(
        "privacy_request_step.request_id",
        Area.REQUESTS,
        _REQUESTS,
        {"note": None},
        through="privacy_request.person_id",
        why=marked("that somebody asked, what for, and on which day we answered"),
    ),
    _stays(
        "erasure.person_id",
        Area.REQUESTS,
        marked("That you were erased, in counts"),
        marked("so that we can show that it was done"),
    ),
    _stays(
        "grant.person_id",
        Area.STAFF,
        marked("Roles that you held"),
        marked("who could do what, and when, has to be known later; it shows “Former member”"),
    ),
)
"""In no order; an erasure sorts it by what points to what."""

ACTED = frozenset(
    {
        *("address_change.asked_by", "announcement.made_by", "answer_code.by_person_id", "application.by_person_id"),
        *("assignment.by_person_id", "assignment.reviewer_id", "attendance_import.made_by", "audit.actor_id"),
        *(
            "blackout.added_by",
            "booking.by_person_id",
            "bounce.lifted_by",
            "breach.made_by",
            "calendar_reply.decided_by",
        ),
        *("commitment_check.by_person_id", "conflict.reviewer_id", "consent.noted_by", "consent.withdrawn_by"),
        *("decision.decided_by", "door_code.made_by", "door_press.by_person_id", "erasure.by_person_id"),
        *("event_file.added_by", "forum_act.by_id", "funder_report.made_by", "grant.granted_by"),
        *("indicator_value.recorded_by", "invitation.invited_by", "known_issue.made_by", "mark.recorded_by"),
        *("merge.merged_by", "merge.undone_by", "message_rule.made_by", "moderation.by_person_id"),
        *(
            "notice.published_by",
            "offer.offered_by",
            "outcome.added_by",
            "post.hidden_by",
            "privacy_request.entered_by",
        ),
        *("privacy_request.handler_id", "privacy_request_step.by_person_id", "proposal.decided_by"),
        *(
            "questionnaire_draft.saved_by",
            "quotation.picked_by",
            "reconsideration.answered_by",
            "redaction.by_person_id",
        ),
        *("relay.handled_by", "report.handled_by", "reported_person.decided_by", "resource.owner_id"),
        *("resource_version.published_by", "response.entered_by", "retention_rule.changed_by", "review.reviewer_id"),
        *("roster_note.by_person_id", "selection.by_person_id", "self_rating.by_person_id", "slot_host.asked_by"),
        *("story.hidden_by", "substitution.decided_by", "table_note.written_by", "topic.hidden_by"),
        *("waiting.by_person_id", "advance_question.taken_by"),
    }
)
"""Columns that say who did something for the programme. Their rows are about something else: they stay, show “Former
member”, and are not copied."""

BESIDE: Mapping[str, str] = {
    "person.merged_into": "doubles are erased and copied together with the record that was kept",
    "application.response_id": "the answers are found by the application",
    "bounce.outbox_id": "found by the address, and emptied when the message goes",
    "erasure.request_id": "tells at whose wish it was done",
    "follow.topic_id": "others follow a topic; what the person follows is found by their own number",
    "forum_act.other_topic_id": "the log of what facilitators did",
    "forum_act.post_id": "the log of what facilitators did",
    "forum_act.topic_id": "the log of what facilitators did",
    "forum_answer.post_id": "letters of others",
    "forum_answer.topic_id": "letters of others",
    "invitation.substitute_for": "the invitation of somebody else",
    "mention.post_id": "others whom the person named",
    "offer.application_id": "found by the person",
    "offer.waiting_id": "found by the person",
    "post.topic_id": "posts of others in a topic that the person began",
    "proposal.topic_id": "what staff decided about a proposal; nothing in it is about who made it",
    "reaction.post_id": "reactions of others",
    "relay.answers": "emptied before the letter goes to which it was an answer",
    "report.post_id": "reports by others, which facilitators dealt with",
    "story_link.commitment_id": "stories of others",
    "story_link.topic_id": "stories of others",
    "topic.merged_into": "topics of others",
    "topic_link.commitment_id": "what a topic is about",
    "topic_link.topic_id": "what a topic is about",
    "topic_tag.topic_id": "words that sort a topic",
}
"""Columns that point to somebody, or to what is theirs, and need nothing: each with the reason."""

BY_COLUMN: Mapping[str, Held] = {held.column: held for held in PLAN}

PERSON_EMPTIES: Mapping[str, Any] = {
    "name": FORMER_NAME,
    "email": None,
    "phone": None,
    "needs": None,
    "prefers": Channel.EMAIL,
    "timezone": "Europe/London",
}
"""What is left in the record itself."""
