"""The forum of the demo programme by e-mail: an answer that came so, and somebody who hears of it daily."""

import pytest
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.forum import Post, PostSource
from cop.models.forum_mail import ForumAnswer, ForumMail, MailOutcome, Pace
from tests.support.browse import Browse
from tests.support.make import Make, Reads


@pytest.mark.usefixtures("loaded")
def test_a_question_was_answered_by_e_mail_and_the_answer_is_found(reading: Reads, make: Make, browse: Browse) -> None:
    with reading() as read:
        post = read.session.scalars(select(Post).where(Post.source == PostSource.EMAIL)).one()
        assert read.session.scalars(select(ForumAnswer.outcome)).all() == [MailOutcome.POSTED]
        alumna = read.session.scalars(select(Person).where(Person.email == "alumna@demo.example")).one()
        assert read.session.get_one(ForumMail, alumna.id).pace is Pace.DAILY
    assert post.body.endswith("we stopped writing reports to each other.")
    assert "swapped desks" in browse.sign_in(alumna).get("/search?q=swapped+desks").text
