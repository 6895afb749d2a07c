"""What the words of our lists are called where a page shows one of them alone, marked for translation.

A form that offers them may say more about each (``cop/forms``).
"""

from collections.abc import Mapping

from cop.core.access import Role
from cop.core.errors import marked
from cop.models.accounts import Sector
from cop.models.events import Attendance, EventState
from cop.models.organisations import Membership, OrganisationKind
from cop.models.outbox import OFFER_LETTER
from cop.models.regions import Region
from cop.models.summits import Allergen, Need, WayOfEating

SECTORS: Mapping[str, str] = {
    Sector.RESIDENT: marked("Resident"),
    Sector.COUNCIL_OFFICER: marked("Council officer"),
    Sector.COUNCILLOR: marked("Councillor"),
    Sector.VCSE: marked("VCSE"),
    Sector.HEALTH: marked("Health"),
    Sector.OTHER_PUBLIC_SERVICE: marked("Other public service"),
    Sector.BUSINESS: marked("Business"),
}

REGIONS: Mapping[str, str] = {
    Region.EAST_MIDLANDS: marked("East Midlands"),
    Region.EAST_OF_ENGLAND: marked("East of England"),
    Region.LONDON: marked("London"),
    Region.NORTH_EAST: marked("North East"),
    Region.NORTH_WEST: marked("North West"),
    Region.SOUTH_EAST: marked("South East"),
    Region.SOUTH_WEST: marked("South West"),
    Region.WEST_MIDLANDS: marked("West Midlands"),
    Region.YORKSHIRE_AND_THE_HUMBER: marked("Yorkshire and The Humber"),
    Region.NORTHERN_IRELAND: marked("Northern Ireland"),
    Region.SCOTLAND: marked("Scotland"),
    Region.WALES: marked("Wales"),
}

ORGANISATIONS: Mapping[str, str] = {
    OrganisationKind.COUNCIL: marked("Council"),
    OrganisationKind.TOWN_OR_PARISH: marked("Town or parish council"),
    OrganisationKind.POLITICAL_GROUP: marked("Political group"),
    OrganisationKind.PARTNER: marked("Partner organisation"),
    OrganisationKind.HEALTH: marked("Health body"),
    OrganisationKind.OTHER: marked("Other"),
}

MEMBERSHIPS: Mapping[str, str] = {
    Membership.FULL: marked("Full"),
    Membership.ASSOCIATE: marked("Associate"),
    Membership.AFFILIATE: marked("Affiliate"),
    Membership.SUPPORTER: marked("Supporter"),
}

ROLES: Mapping[str, str] = {
    Role.ADMIN: marked("Admin"),
    Role.FACILITATOR: marked("Facilitator"),
    Role.REVIEWER: marked("Reviewer"),
    Role.HOST: marked("Host"),
    Role.EVALUATOR: marked("Evaluator"),
    Role.LEAD: marked("Lead"),
}

EVENT_STATES: Mapping[str, str] = {
    EventState.DRAFT: marked("Draft"),
    EventState.PUBLISHED: marked("Published"),
    EventState.CANCELLED: marked("Cancelled"),
}

ATTENDANCE: Mapping[str, str] = {
    Attendance.ATTENDED: marked("Attended"),
    Attendance.PARTIAL: marked("Partial"),
    Attendance.ABSENT: marked("Absent"),
    Attendance.EXCUSED: marked("Excused"),
}

NEEDS: Mapping[str, str] = {
    Need.STEP_FREE: marked("step-free access"),
    Need.HEARING_LOOP: marked("hearing loop"),
    Need.BSL: marked("BSL interpreter"),
    Need.INTERPRETER: marked("interpreter for another language"),
    Need.LARGE_PRINT: marked("large print"),
    Need.EASY_READ: marked("easy read"),
    Need.QUIET_SPACE: marked("quiet space"),
    Need.ASSISTANT: marked("place for somebody who assists me"),
    Need.TRAVEL: marked("help with travel"),
    Need.CHILDCARE: marked("help with childcare"),
    WayOfEating.VEGETARIAN: marked("vegetarian"),
    WayOfEating.VEGAN: marked("vegan"),
    WayOfEating.HALAL: marked("halal"),
    WayOfEating.KOSHER: marked("kosher"),
    Allergen.CELERY: marked("celery"),
    Allergen.GLUTEN: marked("cereals with gluten"),
    Allergen.CRUSTACEANS: marked("crustaceans"),
    Allergen.EGGS: marked("eggs"),
    Allergen.FISH: marked("fish"),
    Allergen.LUPIN: marked("lupin"),
    Allergen.MILK: marked("milk"),
    Allergen.MOLLUSCS: marked("molluscs"),
    Allergen.MUSTARD: marked("mustard"),
    Allergen.PEANUTS: marked("peanuts"),
    Allergen.SESAME: marked("sesame"),
    Allergen.SOYA: marked("soya"),
    Allergen.SULPHITES: marked("sulphur dioxide and sulphites"),
    Allergen.TREE_NUTS: marked("tree nuts"),
}
"""In the middle of a sentence."""

LETTERS: Mapping[str, str] = {
    "sign_in": marked("Sign in"),
    "erased": marked("Erased"),
    "registration_confirm": marked("Registration confirm"),
    "announcement": marked("Announcement"),
    "interest_confirm": marked("Interest confirm"),
    "address_change_confirm": marked("Address change confirm"),
    "address_change_known": marked("Address change known"),
    "address_change_notice": marked("Address change notice"),
    "new_browser": marked("New browser"),
    "factors_changed": marked("Factors changed"),
    "booking_confirmed": marked("Booking confirmed"),
    "booking_changed": marked("Booking changed"),
    "booking_cancelled": marked("Booking cancelled"),
    "booking_cancelled_by_staff": marked("Booking cancelled by staff"),
    "waiting_joined": marked("Waiting joined"),
    "waiting_ended": marked("Waiting ended"),
    OFFER_LETTER: marked("Place offered"),
    "place_offer_reminder": marked("Place offer reminder"),
    "place_offer_lapsed": marked("Place offer lapsed"),
    "place_offer_withdrawn": marked("Place offer withdrawn"),
    "visit_pack": marked("Visit pack"),
    "visit_missed": marked("Visit missed"),
    "host_asked": marked("Host asked"),
    "host_not_needed": marked("Host not needed"),
    "event_reminder": marked("Event reminder"),
    "event_note": marked("Event note"),
    "reminder": marked("Reminder"),
    "invitation": marked("Invitation"),
    "invitation_reminder": marked("Invitation reminder"),
    "invitation_withdrawn": marked("Invitation withdrawn"),
    "substitute_welcome": marked("Substitute welcome"),
    "substitute_approved": marked("Substitute approved"),
    "substitute_declined": marked("Substitute declined"),
    "place_passed_on": marked("Place passed on"),
    "part_cancelled": marked("Part cancelled"),
    "speaker_asked": marked("Speaker asked"),
    "speaker_reminder": marked("Speaker reminder"),
    "survey_invitation": marked("Survey invitation"),
    "survey_reminder": marked("Survey reminder"),
    "offer_made": marked("Offer made"),
    "offer_reminder": marked("Offer reminder"),
    "offer_lapsed": marked("Offer lapsed"),
    "offer_withdrawn": marked("Offer withdrawn"),
    "application_reserve": marked("Application reserve"),
    "application_declined": marked("Application declined"),
    "decision_reviewed": marked("Decision reviewed"),
    "roster_message": marked("Roster message"),
    "reviews_waiting": marked("Reviews waiting"),
    "plan_check": marked("Plan check"),
    "action_check": marked("Action check"),
    "pledge_check": marked("Pledge check"),
    "rating_invitation": marked("Rating invitation"),
    "application_started": marked("Application started"),
    "application_closing_soon": marked("Application closing soon"),
    "application_submitted": marked("Application submitted"),
    "application_withdrawn": marked("Application withdrawn"),
    "endorsement_asked": marked("Endorsement asked"),
    "endorsement_reminder": marked("Endorsement reminder"),
    "endorsement_answered": marked("Endorsement answered"),
    "course_cancelled": marked("Course cancelled"),
    "forum_news": marked("Forum news"),
    "forum_post": marked("Forum post"),
    "forum_waiting": marked("Forum waiting"),
    "forum_answered": marked("Forum answered"),
    "forum_answer": marked("Forum answer"),
    "resource_used": marked("Resource used"),
    "resource_changed": marked("Resource changed"),
    "resource_review": marked("Resource review"),
    "resource_link_broken": marked("Resource link broken"),
    "forum_match": marked("Forum match"),
    "member_letter": marked("Member letter"),
    "request_received": marked("Request received"),
    "request_news": marked("Request news"),
    "request_closed": marked("Request closed"),
    "request_due": marked("Request due"),
    "test": marked("Test"),
}
