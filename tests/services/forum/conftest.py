"""The forum with two of its members and a space to write in."""

import pytest
from flask import Flask

from cop.core.access import Role
from cop.models.accounts import Person
from cop.models.forum import Space
from tests.support.forum import MakeForum
from tests.support.make import Make


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def alma(forum: MakeForum) -> Person:
    return forum.alumna("Alma Ashdown", email="alma@council.example")


@pytest.fixture
def ben(forum: MakeForum) -> Person:
    return forum.alumna("Ben Birkett", email="ben@council.example")


@pytest.fixture
def facilitator(make: Make, forum: MakeForum) -> Person:
    person = make.account("Femi Facilitator", "femi@council.example")
    make.grant(person, Role.FACILITATOR, programme=make.programme())
    forum.accept(person)
    return person


@pytest.fixture
def space(forum: MakeForum) -> Space:
    return forum.space()
