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
    "erased": marked("Your information was erased"),
    "registration_confirm": marked("Confirm that you are coming"),
    "announcement": marked("Announcement"),
    "interest_confirm": marked("Confirm your interest"),
    "address_change_confirm": marked("Confirm your new address"),
    "address_change_known": marked("Your new address is known to us already"),
    "address_change_notice": marked("Your address is being changed"),
    "new_browser": marked("Sign-in from a new device"),
    "factors_changed": marked("Your second factor was changed"),
    "booking_confirmed": marked("Booking confirmed"),
    "booking_changed": marked("Booking changed"),
    "booking_cancelled": marked("Booking cancelled"),
    "booking_cancelled_by_staff": marked("Booking cancelled by staff"),
    "waiting_joined": marked("On the waiting list"),
    "waiting_ended": marked("Waiting list ended"),
    OFFER_LETTER: marked("Place offered"),
    "place_offer_reminder": marked("Reminder of a place offered"),
    "place_offer_lapsed": marked("Offer of a place has lapsed"),
    "place_offer_withdrawn": marked("Offer of a place taken back"),
    "visit_pack": marked("What to know before a visit"),
    "visit_missed": marked("We missed you at the visit"),
    "host_asked": marked("Can you host a visit?"),
    "host_not_needed": marked("No visitors to receive"),
    "event_reminder": marked("Reminder of an event"),
    "event_note": marked("News about an event"),
    "reminder": marked("Reminder of a booking"),
    "invitation": marked("Invitation"),
    "invitation_reminder": marked("Reminder of an invitation"),
    "invitation_withdrawn": marked("Invitation taken back"),
    "substitute_welcome": marked("You come in somebody’s place"),
    "substitute_approved": marked("Substitute agreed"),
    "substitute_declined": marked("Substitute not possible"),
    "place_passed_on": marked("Your place was passed on"),
    "part_cancelled": marked("Session cancelled"),
    "speaker_asked": marked("Asked to speak"),
    "speaker_reminder": marked("Reminder for speakers"),
    "survey_invitation": marked("Survey invitation"),
    "survey_reminder": marked("Survey reminder"),
    "offer_made": marked("Place on a course offered"),
    "offer_reminder": marked("Reminder of a place on a course"),
    "offer_lapsed": marked("Offer of a course has lapsed"),
    "offer_withdrawn": marked("Offer of a course taken back"),
    "application_reserve": marked("On the reserve list"),
    "application_declined": marked("No place on the course"),
    "decision_reviewed": marked("Decision looked at again"),
    "roster_message": marked("Message to participants"),
    "reviews_waiting": marked("Applications to review"),
    "plan_check": marked("How is your plan going?"),
    "action_check": marked("How is your action going?"),
    "pledge_check": marked("How is the pledge going?"),
    "rating_invitation": marked("Rate your organisation"),
    "application_started": marked("Application begun"),
    "application_closing_soon": marked("Applications close soon"),
    "application_submitted": marked("Application received"),
    "application_withdrawn": marked("Application withdrawn"),
    "endorsement_asked": marked("Asked to support an application"),
    "endorsement_reminder": marked("Reminder to support an application"),
    "endorsement_answered": marked("Support for an application answered"),
    "course_cancelled": marked("Course cancelled"),
    "forum_news": marked("News from the forum"),
    "forum_post": marked("New post in the forum"),
    "forum_waiting": marked("Questions that wait for an answer"),
    "forum_answered": marked("Did somebody answer your question?"),
    "forum_answer": marked("What became of an answer by e-mail"),
    "resource_used": marked("What came of a resource?"),
    "resource_changed": marked("Something in the toolkit changed"),
    "resource_review": marked("Something in the toolkit is due for review"),
    "resource_link_broken": marked("A link in the toolkit is broken"),
    "forum_match": marked("Something in the forum that fits"),
    "member_letter": marked("Letter from a member"),
    "request_received": marked("We have your request"),
    "request_news": marked("News of your request"),
    "request_closed": marked("Your request is answered"),
    "request_due": marked("A request is due"),
    "test": marked("Test of the mail"),
}
