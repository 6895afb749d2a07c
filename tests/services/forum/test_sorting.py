"""What topics are about: kinds, words to sort by, links to what all readers may see, and proposals."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from cop.core.access import Actor
from cop.core.errors import NotFound, Refusal
from cop.models.accounts import Person
from cop.models.commitments import Commitment, CommitmentKind
from cop.models.events import Event, EventState, Visibility
from cop.models.forum import Audience, Proposal, ProposalOf, Reaction, ReactionKind, Space, Topic, TopicKind
from cop.models.tags import SORTERS, Tag
from cop.models.toolkit import ItemKind, Resource, ResourceAudience, ResourceState
from cop.queries import forum as queries
from cop.services import forum as services
from cop.services import tags
from tests.support.forum import MakeForum
from tests.support.make import Make, Reads, Working

About = services.About


@pytest.fixture
def words(work: Working) -> dict[str, int]:
    with work() as unit:
        tags.ensure(unit)
        return {tag.slug: tag.id for tag in unit.session.scalars(select(Tag).where(Tag.kind.in_(SORTERS)))}


@pytest.fixture
def resource(work: Working, make: Make) -> Callable[..., str]:
    made: list[str] = []

    def publish(audience: ResourceAudience = ResourceAudience.PUBLIC, **columns: object) -> str:
        slug = f"guide-{len(made)}"
        made.append(slug)
        with work() as unit:
            values = {"state": ResourceState.PUBLISHED, "version": 1, **columns}
            unit.session.add(
                Resource(
                    programme_id=make.programme().id,
                    slug=slug,
                    title=f"Guide {len(made)}",
                    summary="How to begin.",
                    kind=ItemKind.GUIDE,
                    audience=audience,
                    made_at=unit.now,
                    changed_at=unit.now,
                    **values,
                )
            )
        return slug

    return publish


@pytest.fixture
def plan(work: Working, alma: Person) -> str:
    with work() as unit:
        made = Commitment(
            kind=CommitmentKind.PLAN,
            person_id=alma.id,
            source_kind="event",
            source_id=1,
            challenge="A secret about my manager",
            what="Pay the residents’ panel",
            made_at=unit.now,
            changed_at=unit.now,
        )
        unit.session.add(made)
        unit.session.flush()
        return made.public_id


class TestWords:
    def test_sort_a_topic_and_find_it_again(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        words: dict[str, int],
    ) -> None:
        housing, income = words["housing"], words["income"]
        topic = forum.topic(alma, space, about=About(tag_ids=[housing, income]))
        hidden = forum.topic(alma, space, "Hidden", about=About(tag_ids=[housing]))
        forum.hide_topic(hidden)
        closed = forum.space("Of a course", course=forum.course(alma))
        forum.topic(alma, closed, "Elsewhere", about=About(tag_ids=[housing]))

        def titles(actor: Actor) -> list[str]:
            with reading(actor) as read:
                return sorted(found.title for found in queries.topics_of_tag(read, tag_id=housing, offset=0, limit=25))

        assert titles(make.actor(ben)) == [topic.title]
        assert titles(make.actor(alma)) == ["Elsewhere", topic.title]
        assert titles(make.actor(make.account())) == []
        with reading(make.actor(ben)) as read:
            page = queries.topic_page(read, topic_id=topic.id)
        assert [tuple(pair) for pair in page.tags or ()] == [("income", "Income"), ("housing", "Housing")]

    def test_are_few_and_known(
        self, forum: MakeForum, alma: Person, space: Space, words: dict[str, int], work: Working
    ) -> None:
        with pytest.raises(Refusal):
            forum.topic(alma, space, about=About(tag_ids=[4711]))
        with pytest.raises(Refusal, match="at most"):
            forum.topic(alma, space, about=About(tag_ids=[*words.values()]))
        with work() as unit:
            tags.retire(unit, slug="housing")
        with pytest.raises(Refusal, match="not offered"):
            forum.topic(alma, space, about=About(tag_ids=[words["housing"]]))

    def test_stay_when_they_are_retired_and_are_changed_by_the_author_and_facilitators(
        self,
        forum: MakeForum,
        work: Working,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        words: dict[str, int],
    ) -> None:
        housing, income = words["housing"], words["income"]
        topic = forum.topic(alma, space, about=About(tag_ids=[housing]))
        with work() as unit:
            tags.retire(unit, slug="housing")
        for person in (alma, facilitator):
            with work(make.actor(person)) as unit:
                services.sort_topic(unit, topic_id=topic.id, about=About(tag_ids=[housing, income]))
        with reading() as read:
            assert set(queries.tag_ids(read, topic.id)) == {housing, income}
        with pytest.raises(NotFound), work(make.actor(ben)) as unit:
            services.sort_topic(unit, topic_id=topic.id, about=About())
        forum.lock_topic(topic)
        with pytest.raises(Refusal, match="locked"), work(make.actor(alma)) as unit:
            services.sort_topic(unit, topic_id=topic.id, about=About())


class TestKinds:
    def test_of_a_question_that_becomes_talk_forget_the_answer(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, ben: Person, space: Space, reading: Reads
    ) -> None:
        topic = forum.topic(alma, space, about=About(kind=TopicKind.QUESTION, starter="question"))
        answer = forum.reply(ben, topic)
        with work(make.actor(alma)) as unit:
            services.accept_answer(unit, post_id=answer.id)
        with work(make.actor(alma)) as unit:
            services.sort_topic(unit, topic_id=topic.id, about=About())
        with reading() as read:
            found = read.session.get_one(Topic, topic.id)
        assert (found.kind, found.answer_number, found.starter) == (TopicKind.TALK, None, "question")

    def test_do_not_make_a_proposal_of_something_else_or_the_other_way_round(
        self, forum: MakeForum, work: Working, make: Make, alma: Person, space: Space
    ) -> None:
        talk = forum.topic(alma, space)
        proposal = forum.topic(
            alma, space, "Visit us", about=About(kind=TopicKind.PROPOSAL, proposal_of=ProposalOf.VISIT)
        )
        for topic, kind in ((talk, TopicKind.PROPOSAL), (proposal, TopicKind.TALK)):
            with pytest.raises(Refusal), work(make.actor(alma)) as unit:
                services.sort_topic(unit, topic_id=topic.id, about=About(kind=kind))


class TestLinks:
    def links(self, reading: Reads, topic: Topic) -> list[tuple[str, str]]:
        with reading() as read:
            return [(link.kind, link.title) for link in queries.links_of(read, topic.id)]

    def test_lead_to_an_event_a_resource_and_ones_own_plan(
        self,
        forum: MakeForum,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        resource: Callable[..., str],
        plan: str,
    ) -> None:
        visit = make.visit()
        topic = forum.topic(alma, space, about=About(event=visit.slug, resource=resource(), plan=plan))
        found = self.links(reading, topic)
        assert found == [("event", visit.title), ("resource", "Guide 1"), ("plan", "Pay the residents’ panel")]
        with reading(make.actor(ben)) as read:
            assert [back.id for back in queries.topics_about(read, event_id=visit.id)] == [topic.id]
            resource_id = read.session.scalars(select(Resource.id)).one()
            assert [back.id for back in queries.topics_about(read, resource_id=resource_id)] == [topic.id]
            assert [back.id for back in queries.topics_about_plan(read, public_id=plan)] == [topic.id]
        for stranger in (make.actor(make.account()), Actor()):
            with reading(stranger) as read:
                assert not queries.topics_about(read, event_id=visit.id)

    @pytest.mark.parametrize(
        "columns",
        [
            {"state": EventState.DRAFT},
            {"visibility": Visibility.UNLISTED},
            {"visibility": Visibility.INVITED},
        ],
    )
    def test_never_lead_to_an_event_that_not_everybody_may_see_now_or_later(
        self,
        forum: MakeForum,
        make: Make,
        work: Working,
        reading: Reads,
        alma: Person,
        space: Space,
        columns: dict[str, object],
    ) -> None:
        visit = make.visit()
        topic = forum.topic(alma, space, about=About(event=visit.slug))
        with work() as unit:
            unit.session.execute(update(Event).values(**columns))
        assert self.links(reading, topic) == []
        with pytest.raises(Refusal) as refused:
            forum.topic(alma, space, "Another", about=About(event=visit.slug))
        assert refused.value.field == "event"

    def test_lead_to_resources_that_all_readers_of_the_space_may_see(
        self, forum: MakeForum, make: Make, reading: Reads, alma: Person, resource: Callable[..., str]
    ) -> None:
        course, other = forum.course(alma), forum.course(alma)
        spaces = {
            "alumni": forum.space("Alumni"),
            "members": forum.space("Members", audience=Audience.MEMBERS),
            "course": forum.space("Course", course=course),
        }
        for_members = resource(ResourceAudience.MEMBERS)
        of_course = resource(ResourceAudience.COHORT, cohort_id=course.id)
        of_other = resource(ResourceAudience.COHORT, cohort_id=other.id)
        draft = resource(state=ResourceState.DRAFT)

        def takes(space: str, slug: str) -> bool:
            try:
                topic = forum.topic(alma, spaces[space], f"{space} {slug}", about=About(resource=slug))
            except Refusal:
                return False
            assert len(self.links(reading, topic)) == 1
            return True

        assert {space: takes(space, for_members) for space in spaces} == dict.fromkeys(spaces, True)
        assert {space: takes(space, of_course) for space in spaces} == {
            "alumni": False,
            "members": False,
            "course": True,
        }
        assert not any(takes(space, slug) for space in spaces for slug in (of_other, draft, "nowhere"))
        with reading() as read:
            offered = {
                name: [slug for slug, _title in queries.resources_to_link(read, space_id=space.id)]
                for name, space in spaces.items()
            }
        assert offered == {
            "alumni": [for_members],
            "members": [for_members],
            "course": [for_members, of_course],
        }

    def test_never_lead_to_the_plan_of_somebody_else(
        self,
        forum: MakeForum,
        work: Working,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        facilitator: Person,
        space: Space,
        plan: str,
    ) -> None:
        with pytest.raises(Refusal) as refused:
            forum.topic(ben, space, about=About(plan=plan))
        assert refused.value.field == "plan"
        topic = forum.topic(alma, space, about=About(plan=plan))
        with work(make.actor(facilitator)) as unit:
            services.sort_topic(unit, topic_id=topic.id, about=About())
        assert self.links(reading, topic) == [("plan", "Pay the residents’ panel")]
        with work(make.actor(alma)) as unit:
            services.sort_topic(unit, topic_id=topic.id, about=About())
        assert self.links(reading, topic) == []


class TestProposals:
    @pytest.fixture
    def proposal(self, forum: MakeForum, alma: Person, space: Space) -> Topic:
        about = About(kind=TopicKind.PROPOSAL, proposal_of=ProposalOf.WEBINAR)
        return forum.topic(alma, space, "A webinar about damp", about=about)

    def test_say_what_they_propose(self, forum: MakeForum, alma: Person, space: Space, reading: Reads) -> None:
        with pytest.raises(Refusal) as refused:
            forum.topic(alma, space, about=About(kind=TopicKind.PROPOSAL))
        assert refused.value.field == "proposal_of"
        with reading() as read:
            assert read.session.scalars(select(Topic.id)).all() == []

    def test_wait_in_the_order_of_their_support(
        self,
        forum: MakeForum,
        work: Working,
        make: Make,
        reading: Reads,
        alma: Person,
        ben: Person,
        space: Space,
        proposal: Topic,
    ) -> None:
        about = About(kind=TopicKind.PROPOSAL, proposal_of=ProposalOf.VISIT)
        other = forum.topic(ben, space, "A visit to Stevenage", about=about)
        with work(make.actor(alma)) as unit:
            first = queries.one_post(unit, queries.topic_page(unit, topic_id=other.id), number=1)
            services.react(unit, post_id=first.id, kind=ReactionKind.ME_TOO)
        with reading(make.actor(ben)) as read:
            waiting = queries.proposals(read, decided=False, limit=5)
            assert [(each.topic_id, each.support) for each in waiting] == [(other.id, 1), (proposal.id, 0)]
            assert read.session.scalars(select(Reaction.kind)).all() == [ReactionKind.ME_TOO]
        with reading(make.actor(make.account())) as read:
            assert queries.proposals(read, decided=False, limit=5) == []

    def test_are_planned_with_their_event_by_a_facilitator(
        self, work: Working, make: Make, reading: Reads, facilitator: Person, proposal: Topic
    ) -> None:
        visit = make.visit()
        for slug in ("", visit.slug):
            with work(make.actor(facilitator)) as unit:
                services.decide_proposal(unit, topic_id=proposal.id, planned=True, answer="", event_slug=slug)
        with reading() as read:
            found = queries.proposal_of(read, proposal.id)
            assert found is not None
            assert (found.planned, found.event and found.event.slug) == (True, visit.slug)
            assert read.session.get_one(Topic, proposal.id).settled_at is not None

    def test_are_not_planned_without_a_reason(
        self, work: Working, make: Make, reading: Reads, facilitator: Person, proposal: Topic
    ) -> None:
        with pytest.raises(Refusal) as refused, work(make.actor(facilitator)) as unit:
            services.decide_proposal(unit, topic_id=proposal.id, planned=False, answer=" ")
        assert refused.value.field == "answer"
        with work(make.actor(facilitator)) as unit:
            services.decide_proposal(unit, topic_id=proposal.id, planned=False, answer="We had one in May.")
        with reading(make.actor(facilitator)) as read:
            assert queries.proposals(read, decided=False, limit=5) == []
            assert [each.answer for each in queries.proposals(read, decided=True, limit=5)] == ["We had one in May."]

    def test_are_decided_by_facilitators_with_events_that_anybody_may_see(
        self,
        work: Working,
        make: Make,
        reading: Reads,
        alma: Person,
        facilitator: Person,
        forum: MakeForum,
        space: Space,
        proposal: Topic,
    ) -> None:
        with pytest.raises(NotFound), work(make.actor(alma)) as unit:
            services.decide_proposal(unit, topic_id=proposal.id, planned=True, answer="")
        with pytest.raises(NotFound), work(make.actor(facilitator)) as unit:
            services.decide_proposal(unit, topic_id=forum.topic(alma, space).id, planned=True, answer="")
        hidden = make.visit(visibility=Visibility.INVITED)
        with pytest.raises(Refusal) as refused, work(make.actor(facilitator)) as unit:
            services.decide_proposal(unit, topic_id=proposal.id, planned=True, answer="", event_slug=hidden.slug)
        assert refused.value.field == "event"
        with reading() as read:
            assert read.session.scalars(select(Proposal.planned)).one() is None
