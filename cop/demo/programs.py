"""A token with which a program reads: nobody knows its secret, so that the demonstration opens no door."""

from dataclasses import replace
from datetime import timedelta

from cop.core.access import Actor, Grant, Role, TokenScope
from cop.demo.stage import Stage
from cop.services import api_tokens


def load(stage: Stage) -> None:
    admin = Actor(stage.role("admin").id, (Grant(Role.ADMIN),))
    api_tokens.make(
        replace(stage.ago(days=40), actor=admin),
        name="Figures on the website of the network",
        scopes=[TokenScope.EVENTS, TokenScope.INDICATORS, TokenScope.TOOLKIT],
        programme_slug=stage.programme.slug,
        lasts=timedelta(days=180),
    )
