"""Two records of one person or organisation with traces in the forum, the toolkit and the directory of members."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from cop.models.accounts import Person
from cop.models.adoption import RatingWave, SelfRating
from cop.models.base import Base
from cop.models.forum import Mention, Post, Reaction, ReactionKind, SpaceSeen, Topic
from cop.models.forum_mail import ForumMail, Pace
from cop.models.members import Leaning, Profile, ProfileTag, Relay
from cop.models.tags import Tag, TagKind
from cop.models.toolkit import ItemKind, Resource, ResourceTaken, ResourceUse, Step, Usefulness
from tests.support.clock import FixedClock
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging


@pytest.fixture
def merges(app: Flask) -> Merging:
    return Merging(app)


@pytest.fixture
def forum(app: Flask, make: Make) -> MakeForum:
    return MakeForum(app, make)


@pytest.fixture
def kept(make: Make) -> Person:
    return make.person("Amina Yusuf")


@pytest.fixture
def gone(make: Make) -> Person:
    return make.person("A. Yusuf")


def add(work: Working, *rows: Base) -> None:
    with work() as opened:
        opened.session.add_all(rows)


def column(reading: Reads, wanted: Any) -> list[Any]:
    with reading() as read:
        return list(read.session.scalars(select(wanted)))


def first_post(forum: MakeForum, reading: Reads, author: Person) -> Post:
    topic = forum.topic(author, forum.space())
    with reading() as read:
        return read.session.scalars(select(Post).where(Post.topic_id == topic.id)).one()


def counters(reading: Reads, post: Post) -> tuple[int, int]:
    with reading() as read:
        found = read.session.get_one(Post, post.id)
        return found.helped, found.me_too


# Reactions


def thank(work: Working, post: Post, *people: Person, kind: ReactionKind = ReactionKind.HELPED) -> None:
    with work() as opened:
        opened.session.add_all(
            Reaction(post_id=post.id, person_id=person.id, kind=kind, at=opened.now) for person in people
        )
        found = opened.session.get_one(Post, post.id)
        if kind is ReactionKind.HELPED:
            found.helped += len(people)
        else:
            found.me_too += len(people)


def test_who_thanked_twice_counts_once_and_twice_again_when_taken_apart(
    kept: Person, gone: Person, forum: MakeForum, merges: Merging, work: Working, reading: Reads
) -> None:
    post = first_post(forum, reading, forum.alumna())
    thank(work, post, kept, gone)
    thank(work, post, gone, kind=ReactionKind.ME_TOO)
    before = merges.rows("account")
    merge = merges.people(kept, gone)
    assert counters(reading, post) == (1, 1)
    with reading() as read:
        found = read.session.execute(select(Reaction.person_id, Reaction.kind).order_by(Reaction.kind)).all()
    assert [tuple(row) for row in found] == [(kept.id, ReactionKind.HELPED), (kept.id, ReactionKind.ME_TOO)]
    merges.undo(merge)
    assert counters(reading, post) == (2, 1)
    assert merges.rows("account") == before


def test_a_merge_is_taken_apart_although_others_thanked_meanwhile(
    kept: Person, gone: Person, make: Make, forum: MakeForum, merges: Merging, work: Working, reading: Reads
) -> None:
    post = first_post(forum, reading, forum.alumna())
    thank(work, post, kept, gone)
    merge = merges.people(kept, gone)
    thank(work, post, make.person("Somebody else"))
    merges.undo(merge)
    assert counters(reading, post) == (3, 0)


def test_a_thank_that_was_taken_back_meanwhile_stays_so(
    kept: Person, gone: Person, forum: MakeForum, merges: Merging, work: Working, reading: Reads
) -> None:
    post = first_post(forum, reading, forum.alumna())
    thank(work, post, kept, gone)
    merge = merges.people(kept, gone)
    with work() as opened:
        opened.session.delete(opened.session.scalars(select(Reaction)).one())
        opened.session.get_one(Post, post.id).helped -= 1
    merges.undo(merge)
    assert counters(reading, post) == (1, 0)
    assert column(reading, Reaction.person_id) == [gone.id]


# Mail, mentions and what is seen


@pytest.mark.parametrize(
    ("of_kept", "of_gone", "stays"),
    [
        (Pace.EACH, Pace.WEEKLY, Pace.WEEKLY),
        (Pace.NEVER, Pace.DAILY, Pace.NEVER),
        (Pace.DAILY, Pace.WEEKLY, Pace.WEEKLY),
        (Pace.DAILY, Pace.EACH, Pace.DAILY),
    ],
)
def test_the_quieter_pace_stays(
    of_kept: Pace,
    of_gone: Pace,
    stays: Pace,
    kept: Person,
    gone: Person,
    merges: Merging,
    work: Working,
    reading: Reads,
    clock: FixedClock,
) -> None:
    add(
        work,
        ForumMail(person_id=kept.id, pace=of_kept, chosen_at=clock.now()),
        ForumMail(person_id=gone.id, pace=of_gone, chosen_at=clock.now()),
    )
    before = merges.rows("account")
    merge = merges.people(kept, gone)
    with reading() as read:
        found = read.session.scalars(select(ForumMail)).one()
    assert (found.person_id, found.pace) == (kept.id, stays)
    merges.undo(merge)
    assert merges.rows("account") == before


def test_a_post_names_them_once_and_what_was_seen_last_counts(
    kept: Person,
    gone: Person,
    forum: MakeForum,
    merges: Merging,
    work: Working,
    reading: Reads,
    clock: FixedClock,
) -> None:
    post = first_post(forum, reading, forum.alumna())
    with reading() as read:
        space_id = read.session.scalars(select(Topic.space_id)).one()
    later = clock.now() + timedelta(days=1)
    add(
        work,
        Mention(post_id=post.id, person_id=kept.id),
        Mention(post_id=post.id, person_id=gone.id),
        SpaceSeen(person_id=kept.id, space_id=space_id, until=clock.now()),
        SpaceSeen(person_id=gone.id, space_id=space_id, until=later),
    )
    before = merges.rows("account")
    words = {(clash.what.value, clash.title) for clash in merges.preview(kept, gone).clashes}
    assert words == {("mention", "What works in Brent"), ("seen", "Project updates")}
    merge = merges.people(kept, gone)
    assert column(reading, Mention.person_id) == [kept.id]
    assert column(reading, SpaceSeen.until) == [later]
    merges.undo(merge)
    assert merges.rows("account") == before


# The directory


def test_what_was_said_last_in_the_directory_stays_and_letters_pass_over(
    kept: Person, gone: Person, make: Make, merges: Merging, work: Working, reading: Reads, clock: FixedClock
) -> None:
    tags = [Tag(kind=TagKind.SKILL, slug=name, name=name) for name in ("evaluation", "facilitation")]
    add(work, *tags)
    now, later = clock.now(), clock.now() + timedelta(days=1)
    other = make.person("Bea Banks")
    add(
        work,
        Profile(person_id=kept.id, about="Earlier words", changed_at=now),
        Profile(person_id=gone.id, about="Later words", changed_at=later),
        ProfileTag(person_id=kept.id, tag_id=tags[0].id, leaning=Leaning.OFFERS),
        ProfileTag(person_id=gone.id, tag_id=tags[0].id, leaning=Leaning.OFFERS),
        ProfileTag(person_id=gone.id, tag_id=tags[1].id, leaning=Leaning.SEEKS),
        Relay(from_person_id=other.id, to_person_id=gone.id, body="A secret word", sent_at=now),
    )
    before = merges.rows("account")
    merge = merges.people(kept, gone)
    with reading() as read:
        profile = read.session.scalars(select(Profile)).one()
        offered = read.session.execute(select(ProfileTag.person_id, ProfileTag.tag_id)).all()
        letter = read.session.scalars(select(Relay)).one()
    assert (profile.person_id, profile.about) == (kept.id, "Later words")
    assert {tuple(row) for row in offered} == {(kept.id, tags[0].id), (kept.id, tags[1].id)}
    assert (letter.to_person_id, letter.body) == (kept.id, "A secret word")
    assert "secret" not in str(merge.moved)
    merges.undo(merge)
    assert merges.rows("account") == before


# The toolkit


def test_what_was_said_last_of_a_resource_stays(
    kept: Person, gone: Person, make: Make, merges: Merging, work: Working, reading: Reads, clock: FixedClock
) -> None:
    now, later = clock.now(), clock.now() + timedelta(days=1)
    resource = Resource(
        programme_id=make.programme().id,
        slug="a-guide",
        title="A guide",
        summary="How to.",
        kind=ItemKind.GUIDE,
        made_at=now,
        changed_at=now,
    )
    add(work, resource)
    of = {"resource_id": resource.id, "version": 1}
    add(
        work,
        ResourceTaken(person_id=kept.id, taken_at=now, wants_news=True, **of),
        ResourceTaken(person_id=gone.id, taken_at=later, wants_news=False, **of),
        ResourceUse(person_id=kept.id, step=Step.USED, words="Last", at=later, **of),
        ResourceUse(person_id=gone.id, step=Step.USED, words="First", at=now, **of),
        ResourceUse(person_id=gone.id, step=Step.ADAPTED, words="Adapted", at=now, **of),
        Usefulness(person_id=kept.id, useful=False, at=now, **of),
        Usefulness(person_id=gone.id, useful=True, at=later, **of),
    )
    before = merges.rows("account")
    assert {clash.title for clash in merges.preview(kept, gone).clashes} == {"A guide"}
    merge = merges.people(kept, gone)
    assert column(reading, ResourceTaken.wants_news) == [False]
    assert set(column(reading, ResourceUse.words)) == {"Last", "Adapted"}
    assert column(reading, Usefulness.useful) == [True]
    assert set(column(reading, ResourceUse.person_id)) == {kept.id}
    merges.undo(merge)
    assert merges.rows("account") == before


# Organisations


@pytest.mark.parametrize(
    ("of_kept", "of_gone", "stays"),
    [
        ((False, 3), (True, 2), "gone"),
        ((True, 1), (False, 3), "kept"),
        ((False, 1), (False, 3), "gone"),
        ((True, 2), (True, 2), "kept"),
    ],
)
def test_the_rating_that_is_complete_stays_and_else_the_one_that_says_more(
    of_kept: tuple[bool, int],
    of_gone: tuple[bool, int],
    stays: str,
    make: Make,
    merges: Merging,
    work: Working,
    reading: Reads,
    clock: FixedClock,
) -> None:
    one, other = make.organisation("Oldham Council"), make.organisation("Oldham Borough")
    lead, programme = make.person(), make.programme()
    for name, organisation, (is_done, answers) in (("kept", one, of_kept), ("gone", other, of_gone)):
        add(
            work,
            SelfRating(
                organisation_id=organisation.id,
                programme_id=programme.id,
                wave=RatingWave.BASELINE,
                answers={f"{name}-{number}": {"level": 2, "example": ""} for number in range(answers)},
                begun_at=clock.now(),
                done_at=clock.now() if is_done else None,
                by_person_id=lead.id,
            ),
        )
    before = merges.rows()
    merge = merges.organisations(one, other)
    with reading() as read:
        found = read.session.scalars(select(SelfRating)).one()
    assert found.organisation_id == one.id
    assert all(name.startswith(stays) for name in found.answers)
    merges.undo(merge)
    assert merges.rows() == before
