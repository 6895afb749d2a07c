"""What becomes of applications when nobody needs them any more: drafts go, and those without a place lose their person.

What statistics need stays: which course, who somebody was in it (sector, region, membership), scores and outcomes.
"""

from collections.abc import Sequence

from sqlalchemy import Select, Text, cast, delete, exists, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from cop.core.errors import marked
from cop.core.work import Work
from cop.models.accounts import FORMER_APPLICANT, Person
from cop.models.audit import Audit
from cop.models.cohorts import (
    Application,
    Conflict,
    Decision,
    Endorsement,
    Moderation,
    Reconsideration,
    Redaction,
    Review,
)
from cop.models.offers import Offer
from cop.models.outbox import Outbox
from cop.models.surveys import Response

FORMER_NAME = marked("Former applicant")


def delete_drafts(work: Work, ids: Sequence[int]) -> int:
    """Remove these drafts whole, locked by the caller; how many it were."""
    drafts = work.session.scalars(select(Application).where(Application.id.in_(ids))).all()
    responses = [draft.response_id for draft in drafts]
    delete_messages(work, ids)
    work.session.execute(delete(Endorsement).where(Endorsement.application_id.in_(ids)))
    work.session.execute(delete(Application).where(Application.id.in_(ids)))
    work.session.execute(delete(Response).where(Response.id.in_(responses)))
    return len(drafts)


def anonymise(work: Work, ids: Sequence[int]) -> int:
    """Make these applications nobody's, locked by the caller; how many it were."""
    applications = work.session.scalars(select(Application).where(Application.id.in_(ids))).all()
    if applications:
        delete_messages(work, ids)
        _strip(work, applications)
        _forget_words(work, ids)
    return len(applications)


def delete_messages(work: Work, ids: Sequence[int]) -> None:
    """Letters about these applications, their offers and their supporters: each says whose it is."""
    about: dict[str, Select[str]] = {
        "application_id": select(cast(Application.id, Text)).where(Application.id.in_(ids)),
        "offer_id": select(cast(Offer.id, Text)).where(Offer.application_id.in_(ids)),
        "endorsement_id": select(cast(Endorsement.id, Text)).where(Endorsement.application_id.in_(ids)),
    }
    named = or_(*(Outbox.params[name].as_string().in_(found) for name, found in about.items()))
    work.session.execute(delete(Outbox).where(named))


def _strip(work: Work, applications: Sequence[Application]) -> None:
    nobody = _former_applicant(work)
    for application in applications:
        application.person_id, application.by_person_id, application.organisation_id = nobody, None, None
        application.anonymised_at = work.now
    work.session.flush()


def _forget_words(work: Work, ids: Sequence[int]) -> None:
    """What the applicant wrote, and what others wrote about them; scores and outcomes stay."""
    responses = select(Application.response_id).where(Application.id.in_(ids))
    nobody = _former_applicant(work)
    for statement in (
        update(Response).where(Response.id.in_(responses)).values(answers={}, entered_by=None),
        update(Offer).where(Offer.application_id.in_(ids)).values(person_id=nobody),
        update(Decision).where(Decision.application_id.in_(ids)).values(reason="", feedback=""),
        update(Moderation).where(Moderation.application_id.in_(ids)).values(reason=""),
        update(Conflict).where(Conflict.application_id.in_(ids)).values(reason=""),
        update(Reconsideration).where(Reconsideration.application_id.in_(ids)).values(words="", answer=""),
        delete(Endorsement).where(Endorsement.application_id.in_(ids)),
        delete(Redaction).where(Redaction.application_id.in_(ids)),
    ):
        work.session.execute(statement)
    reviews = select(Review).where(Review.application_id.in_(ids)).execution_options(populate_existing=True)
    for review in work.session.scalars(reviews):
        review.comment = ""
        review.scores = {code: {"score": said.get("score")} for code, said in review.scores.items()}
    work.session.flush()


def _former_applicant(work: Work) -> int:
    """The one record that stands for all whose applications are nobody's any more."""
    work.session.execute(
        insert(Person)
        .values(public_id=FORMER_APPLICANT, name=FORMER_NAME, created_at=work.now)
        .on_conflict_do_nothing(index_elements=["public_id"])
    )
    return work.session.scalars(select(Person.id).where(Person.public_id == FORMER_APPLICANT)).one()


def forget_history(work: Work) -> int:
    """Remove what the audit says of applications that are nobody's or gone: it would name their people.

    A unit of work of its own, after the others: the audit notes what they change as well.
    """
    kept = exists().where(cast(Application.id, Text) == Audit.subject_id, Application.anonymised_at.is_(None))
    offers = (
        select(cast(Offer.id, Text))
        .join(Application, Application.id == Offer.application_id)
        .where(Application.anonymised_at.is_not(None))
    )
    of_applications = delete(Audit).where(Audit.subject_kind == "application", ~kept)
    of_offers = delete(Audit).where(Audit.subject_kind == "offer", Audit.subject_id.in_(offers))
    gone = [work.session.execute(statement.returning(Audit.id)).all() for statement in (of_applications, of_offers)]
    return sum(map(len, gone))
