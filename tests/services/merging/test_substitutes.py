"""Two records of one person who were both invited, and want to send somebody or were sent themselves."""

from flask import Flask
from sqlalchemy import select

from cop.models.replies import CalendarReply, Participation, ReplyState
from cop.models.summits import Invitation, Substitution, SubstitutionState
from cop.services import summits as services
from tests.support.make import Make, Reads, Working
from tests.support.merging import Merging
from tests.support.summits import invitation_of, invite, make_summit, propose


def test_whom_they_send_goes_with_the_invitation_that_stays_and_comes_back(
    app: Flask, make: Make, work: Working, reading: Reads
) -> None:
    summit, merging = make_summit(make, work), Merging(app)
    kept, gone = make.person("Amina Yusuf"), make.person("A. Yusuf")
    invite(work, summit, kept, gone)
    first = propose(work, invitation_of(reading, summit, kept), email="first@x.example")
    second = propose(work, invitation_of(reading, summit, gone), email="second@x.example")
    before = merging.rows("audit", "merge")
    merge = merging.people(kept, gone)
    with reading() as read:
        [remaining] = read.session.scalars(select(Invitation)).all()
        found = {row.id: row for row in read.session.scalars(select(Substitution))}
    assert {row.invitation_id for row in found.values()} == {remaining.id}
    assert sorted(row.state for row in (found[first.id], found[second.id])) == [
        SubstitutionState.PROPOSED,
        SubstitutionState.TAKEN_BACK,
    ]
    merging.undo(merge)
    assert merging.rows("audit", "merge") == before


def test_answers_from_their_calendars_go_with_the_invitation_that_stays_and_come_back(
    app: Flask, make: Make, work: Working, reading: Reads
) -> None:
    summit, merging = make_summit(make, work), Merging(app)
    kept, gone = make.person("Amina Yusuf"), make.person("A. Yusuf")
    invite(work, summit, kept, gone)
    answered = invitation_of(reading, summit, gone)
    with work() as opened:
        reply = CalendarReply(
            message_id="<one@calendar.example>",
            participation=Participation.ACCEPTED,
            sender="a.yusuf@x.example",
            invitation_id=answered.id,
            state=ReplyState.APPLIED,
            came_at=opened.now,
        )
        opened.session.add(reply)
    merge = merging.people(kept, gone)
    with reading() as read:
        [remaining] = read.session.scalars(select(Invitation)).all()
        assert read.session.scalars(select(CalendarReply.invitation_id)).one() == remaining.id
    merging.undo(merge)
    with reading() as read:
        found = read.session.scalars(select(CalendarReply)).one()
        assert (found.invitation_id, found.sender) == (answered.id, "a.yusuf@x.example")


def test_whoever_was_sent_by_their_double_was_sent_by_nobody(
    app: Flask, make: Make, work: Working, reading: Reads
) -> None:
    summit, merging = make_summit(make, work), Merging(app)
    sender, sent = make.person("Amina Yusuf", "a@x.example"), make.person("A. Yusuf", "amina@x.example")
    invite(work, summit, sender)
    proposal = propose(work, invitation_of(reading, summit, sender), email="amina@x.example")
    with work() as opened:
        services.approve(opened, substitution_id=proposal.id)
    merging.people(sent, sender)
    with reading() as read:
        [remaining] = read.session.scalars(select(Invitation)).all()
    assert (remaining.person_id, remaining.substitute_for) == (sent.id, None)
