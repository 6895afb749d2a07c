"""What came after the first course of the demonstration."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from cop.demo.cohorts import FINISHED
from cop.demo.roles import ROLES
from cop.models.accounts import Person
from cop.models.rosters import AttendanceRecord, RosterNote
from cop.queries import attendance_records, plans
from cop.queries.cohorts import subgroups
from tests.support.browse import Browse
from tests.support.make import Reads

pytestmark = pytest.mark.usefixtures("loaded")


def test_there_are_plans_groups_notes_and_papers(reading: Reads, browse: Browse) -> None:
    with reading() as read:
        found = plans.plans_of_course(read, slug=FINISHED)
        stand = Counter(one.standing.value for one in found.people)
        assert stand == {"none": 1, "silent": 2, "stuck": 2, "under way": 4, "done": 5, "given up": 1}
        grouped = subgroups.groups_of(read, slug=FINISHED)
        assert [(len(group.members), group.space is not None) for group in grouped.groups] == [
            (5, True),
            (5, False),
            (5, False),
        ]
        assert read.session.scalar(select(func.count()).select_from(RosterNote)) == 1
        alma = read.session.scalars(select(Person).where(Person.email == ROLES["alumna"])).one()
        record = read.session.scalars(select(AttendanceRecord).where(AttendanceRecord.person_id == alma.id)).one()
        assert attendance_records.record_by_code(read, typed=record.code) is not None
    page = browse.sign_in(alma).get(f"/plans/{FINISHED}")
    assert "The tenants chair it now" in page.text
    assert browse.get(f"/cohorts/{FINISHED}/record.pdf").status == 200
