"""The questionnaires of the evaluation plan as data, E1 to E10: what is asked until staff publish words of their own.

They are copied: a change here reaches nobody who was asked, and no questionnaire that was published before.
"""

from cop.services.surveys.templates.community import COMMUNITY, RESOURCE, SERVICE, STORY, UNSUCCESSFUL
from cop.services.surveys.templates.courses import BASELINE, END, FOLLOW_UP, FOLLOW_UP_YEAR, MANAGER
from cop.services.surveys.templates.events import ACTIONS, PULSE, REFLECTION
from cop.services.surveys.templates.parts import AGREE, Template

ALL = (
    *(PULSE, REFLECTION, ACTIONS),
    *(BASELINE, END, FOLLOW_UP, FOLLOW_UP_YEAR, MANAGER),
    *(COMMUNITY, STORY, RESOURCE, UNSUCCESSFUL, SERVICE),
)

BY_CODE = {template.code: template for template in ALL}

__all__ = [
    "ACTIONS",
    "AGREE",
    "ALL",
    "BASELINE",
    "BY_CODE",
    "COMMUNITY",
    "END",
    "FOLLOW_UP",
    "FOLLOW_UP_YEAR",
    "MANAGER",
    "PULSE",
    "REFLECTION",
    "RESOURCE",
    "SERVICE",
    "STORY",
    "UNSUCCESSFUL",
    "Template",
]
