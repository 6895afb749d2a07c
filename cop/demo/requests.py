"""Requests under data protection law in every state, one breach, and the records of processing."""

from dataclasses import replace
from datetime import timedelta

from cop.core.access import Actor, Grant, Role
from cop.core.work import Work
from cop.demo.stage import Stage, as_person
from cop.models.privacy import BreachRisk, PrivacyRequest, RequestKind, RequestWay, StoppedFor
from cop.queries import processing as records
from cop.services import breaches, processing, requests
from cop.services.requests import Asker

COMPLAINT = (
    "I came to your webinar in the spring, and since then I get mail about site visits. I have not agreed to that. "
    "Please tell me where you have my address from, and stop."
)


def load(stage: Stage) -> None:
    _requests(stage)
    _breach(stage)
    _records(stage)


def _requests(stage: Stage) -> None:
    admin = stage.role("admin")
    participant, alumna = stage.role("participant"), stage.role("alumna")
    asked = _asked(stage, 26, RequestKind.ACCESS, "A copy of what you hold about my visits, for my appraisal.")
    requests.give_to(_staff(stage, 25), public_id=asked.public_id, handler_id=admin.public_id)
    stopped = requests.ask(
        as_person(stage.work, alumna, stage.work.now - timedelta(days=12)),
        kind=RequestKind.CORRECTION,
        asked_for="My old council is wrong in one of the lists.",
    )
    requests.stop(
        _staff(stage, 10),
        public_id=stopped.public_id,
        waits_for=StoppedFor.CLARIFICATION,
        words="Which list do you mean? We looked at the roster of your course, and it names your council of today.",
    )
    answered = _asked(stage, 60, RequestKind.PORTABILITY, "My plan from the course, to take to my new job.")
    requests.answer(
        _staff(stage, 52),
        public_id=answered.public_id,
        words="You can take all of it along from your account, under Your information: Make a copy.",
    )
    withdrawn = requests.ask(
        as_person(stage.work, participant, stage.work.now - timedelta(days=80)),
        kind=RequestKind.OBJECTION,
        asked_for="Please do not count my visits any more.",
    )
    requests.withdraw(
        as_person(stage.work, participant, stage.work.now - timedelta(days=79)), public_id=withdrawn.public_id
    )
    refused = requests.enter(
        _staff(stage, 100),
        kind=RequestKind.ERASURE,
        asker=Asker(name="Morgan Ellery", contact="By post, 1 Market Square, Exampleton"),
        asked_for="Take my name out of the list of speakers of an event that another network held.",
        came_by=RequestWay.LETTER,
        received_on=(stage.work.now - timedelta(days=101)).date(),
    )
    requests.refuse(
        _staff(stage, 95),
        public_id=refused.public_id,
        words="We did not hold that event, and have no record of you. The network that held it can help.",
    )
    requests.complain(
        replace(stage.ago(days=5), actor=Actor()),
        name="Sam Pell",
        email="sam.pell@home.example",
        asked_for=COMPLAINT,
        network="192.0.2.7",
    )


def _asked(stage: Stage, days: int, kind: RequestKind, words: str) -> PrivacyRequest:
    person = stage.role("participant")
    then = as_person(stage.work, person, stage.work.now - timedelta(days=days))
    return requests.ask(then, kind=kind, asked_for=words)


def _staff(stage: Stage, days: int) -> Work:
    """The unit of work as the admin would have had it so many days ago."""
    actor = Actor(stage.role("admin").id, (Grant(Role.ADMIN),))
    return replace(stage.ago(days=days), actor=actor)


def _breach(stage: Stage) -> None:
    noticed_at = stage.ago(days=40).now
    breach = breaches.enter(
        _staff(stage, 40),
        told=breaches.Told(
            noticed_at=noticed_at,
            happened_at=noticed_at - timedelta(hours=3),
            what="A list of visitors with their organisations was mailed to a host of another visit.",
            people=11,
            effects="The host read eleven names of people whom they did not expect.",
            measures="The host deleted the mail and said so. Lists are now taken from the page of the visit.",
        ),
    )
    breaches.assess(
        _staff(stage, 39),
        public_id=breach.public_id,
        assessed=breaches.Assessed(
            BreachRisk.UNLIKELY,
            "Names and organisations alone, to one colleague who is bound to keep them to themselves.",
        ),
    )
    breaches.close(_staff(stage, 38), public_id=breach.public_id)


def _records(stage: Stage) -> None:
    processing.load_ready_made(_staff(stage, 90))
    for entry in records.listed(_staff(stage, 0)):
        processing.review(_staff(stage, 90), entry_id=entry.id)
