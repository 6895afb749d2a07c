"""The accessibility statement of the demonstration."""

import pytest

from cop.models.statement import Exemption
from cop.queries import known_issues
from cop.queries.known_issues import Status
from tests.support.make import Reads


@pytest.mark.usefixtures("loaded")
def test_the_statement_names_an_issue_and_is_partial(reading: Reads) -> None:
    with reading() as read:
        found = known_issues.statement(read)
    assert {issue.why for issue in found.issues} == {Exemption.NON_COMPLIANCE, Exemption.OUT_OF_SCOPE}
    assert found.status is Status.PARTIAL
    assert not found.is_overdue(read.now)
