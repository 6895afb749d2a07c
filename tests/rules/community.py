"""What members share, for walks over all addresses: the forum, the directory, the toolkit, ratings and stories."""

from functools import partial
from io import BytesIO

from flask import Flask
from sqlalchemy import select

from cop.core.access import SYSTEM
from cop.models.accounts import Person
from cop.models.forum import Follow, ForumAct, PostFile, Space, TopicKind
from cop.models.organisations import Organisation
from cop.models.tags import Tag
from cop.models.toolkit import ResourceTaken
from cop.queries import pledges
from cop.queries.toolkit_use import saying
from cop.services import forum as forum_services
from cop.services import toolkit
from cop.services.forum.attaching import Upload
from cop.services.forum.sorting import About
from tests.support import adoption, stories
from tests.support.files import PDF
from tests.support.forum import MakeForum
from tests.support.make import Make, working
from tests.support.members import Directory
from tests.support.toolkit import Toolkit

Known = list[tuple[str, str, list[str]]]


def make_community(
    app: Flask, make: Make, forum: MakeForum, alumna: Person, space: Space, organisation: Organisation
) -> Known:
    """Records of all these sorts; parts of addresses, parameters, and values that name something there."""
    adoption.principles(make, partial(working, app))
    return [
        *_forum(app, forum, alumna, space),
        *_members(app, make, alumna, forum.alumna("Otto Other")),
        *_toolkit(app, make, alumna),
        *_adoption(app, make, alumna, organisation),
    ]


def _forum(app: Flask, forum: MakeForum, alumna: Person, space: Space) -> Known:
    offer = forum.topic(alumna, space, "Help with minutes", about=About(kind=TopicKind.OFFER))
    forum.reply(alumna, offer, uploads=[Upload(BytesIO(PDF), "minutes.pdf")])
    with working(app, SYSTEM) as work:
        forum_services.pin_topic(work, topic_id=offer.id)
        held = work.session.scalars(select(PostFile)).one()
        act = work.session.scalars(select(ForumAct.id)).first()
        follow = work.session.scalars(select(Follow.id)).first()
        word = work.session.scalars(select(Tag).where(Tag.slug == "housing")).one()
    return [
        ("/posts/", "public_id", [held.public_id]),
        ("/forum/offers/", "topic_id", [str(offer.id)]),
        ("/forum/mails/", "follow_id", [str(follow)]),
        ("/forum/log/", "act_id", [str(act)]),
        ("/forum/tags/", "word", [word.slug]),
        ("/words/", "slug", [word.slug]),
    ]


def _members(app: Flask, make: Make, alumna: Person, other: Person) -> Known:
    directory = Directory(app, make)
    directory.join(alumna, offers=["Housing"])
    directory.join(other)
    letter = directory.write(alumna, other)
    directory.report(other, letter)
    return [
        ("/members/people/", "public_id", [alumna.public_id, other.public_id]),
        ("/members/letters/", "public_id", [letter.public_id]),
        ("/letters-reported/", "public_id", [letter.public_id]),
    ]


def _toolkit(app: Flask, make: Make, alumna: Person) -> Known:
    kit, programme = Toolkit(make, partial(working, app)), make.programme()
    resource, draft = kit.draft("With a file", slug="with-a-file"), kit.draft("Not yet", slug="not-yet")
    shown, held = kit.file(resource), kit.file(draft)
    kit.publish(resource)
    with working(app, SYSTEM) as work:
        collection = toolkit.create_collection(
            work, programme_id=programme.id, title="To begin with", about="For the first month."
        )
        toolkit.add_to_collection(work, collection_id=collection.id, resource_slug=resource.slug)
        taken = ResourceTaken(
            person_id=alumna.id, resource_id=resource.id, version=1, taken_at=work.now, wants_news=True
        )
        work.session.add(taken)
    return [
        ("/toolkit/collections/", "slug", [collection.slug]),
        ("/toolkit/collections/", "resource_id", [str(resource.id)]),
        ("/toolkit/", "programme_slug", [programme.slug]),
        ("/toolkit/", "slug", [resource.slug, draft.slug]),
        ("/toolkit/", "public_id", [shown.public_id, held.public_id]),
        ("/toolkit/", "what", ["file", "link", "words"]),
        ("/toolkit/", "token", [saying.link_token(taken)]),
    ]


def _adoption(app: Flask, make: Make, alumna: Person, organisation: Organisation) -> Known:
    work = partial(working, app)
    promise = adoption.pledge(work, make.actor(alumna))
    story = stories.tell(make, work, alumna)
    return [
        ("/stories/", "public_id", [story.public_id]),
        ("/stories/", "step", list(stories.WORDS)),
        ("/pledges/", "public_id", [promise.public_id]),
        ("/pledges/", "token", [pledges.link_token(alumna, promise.id)]),
        ("/rating/", "slug", [organisation.slug]),
        ("/rating/", "principle", adoption.PRINCIPLES[:2]),
        ("/rating/", "wave", ["baseline", "follow-up"]),
        ("/adoption/", "wave", ["baseline", "follow-up"]),
    ]
