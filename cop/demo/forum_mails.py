"""How the forum of the demonstration reaches people: the alumna hears of it daily, and one answer came by e-mail."""

from datetime import timedelta

from sqlalchemy import select

from cop.demo.replies import ADDRESS
from cop.demo.stage import Stage, as_person
from cop.formats.answers import read_answer
from cop.models.accounts import Person
from cop.models.forum import Post, Topic
from cop.models.forum_mail import Pace
from cop.queries.forum import answer_address
from cop.services import forum

QUESTION = "Who else works across two tiers?"
AUTHOR_OF = 2
"""The number of the post whose author says more in the mail."""

MAIL = """From: {name} <{email}>
To: {to}
Subject: Re: {title}
Message-ID: <two-tiers@mail.example>
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

I am on the train, so by e-mail: we also swapped desks. One of us sits at the county on Tuesdays, one of them with us \
on Thursdays. It cost nothing, and we stopped writing reports to each other.

Sent from my phone

On Monday, Learning Together wrote:

> A named person is exactly what we lack. Did you get that written down anywhere?
> Read it in the forum
"""


def load(stage: Stage) -> None:
    _hears_daily(stage)
    topic, author = stage.work.session.execute(
        select(Topic, Person)
        .join(Post, Post.topic_id == Topic.id)
        .join(Person, Person.id == Post.author_id)
        .where(Topic.title == QUESTION, Post.number == AUTHOR_OF)
    ).one()
    to = answer_address(ADDRESS, author.public_id, topic.id, 0)
    written = MAIL.format(name=author.name, email=author.email, to=to, title=topic.title)
    forum.receive(stage.ago(days=1), answer=read_answer(written.encode()), own_domain="demo.example")


def _hears_daily(stage: Stage) -> None:
    """From three days ago, so that the first letter is short."""
    then = as_person(stage.work, stage.role("alumna"), stage.work.now - timedelta(days=3))
    for pace in (Pace.NEVER, Pace.DAILY):
        forum.choose_pace(then, pace=pace)
