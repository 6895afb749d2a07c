"""What is known not to be accessible in the demonstration, and when the statement was looked through."""

from datetime import timedelta

from cop.core.place import day_of
from cop.demo.stage import Stage
from cop.models.statement import Exemption
from cop.services import known_issues
from cop.services.known_issues import Terms


def load(stage: Stage) -> None:
    today = day_of(stage.work.now)
    known_issues.add(
        stage.work,
        terms=Terms(
            what="The first webinar of the series was recorded without captions.",
            who="People who are deaf cannot follow it.",
            criterion="1.2.2",
            why=Exemption.NON_COMPLIANCE,
            instead="Its page has the slides, and we send a transcript to whoever asks.",
            found_on=today - timedelta(days=20),
            planned_on=today + timedelta(days=40),
        ),
    )
    known_issues.add(
        stage.work,
        terms=Terms(
            what="The maps that visits link to are made by others.",
            who="",
            criterion="",
            why=Exemption.OUT_OF_SCOPE,
            instead="The way is described in words beside each of them.",
            found_on=today - timedelta(days=200),
            planned_on=None,
        ),
    )
    tested = "Two members of the network, who use a screen reader and a magnifier, tried booking and applying."
    known_issues.review(stage.work, on_date=today - timedelta(days=60), tested=tested)
