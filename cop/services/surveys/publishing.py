"""Which version of a questionnaire is asked now."""

from cop.core.work import Work
from cop.models.surveys import Questionnaire
from cop.services.answers import newest_version, publish_questionnaire
from cop.services.surveys.templates import Template


def in_force(work: Work, template: Template) -> Questionnaire:
    """What is asked under the code of the template: the newest version that staff published, or else the template.

    From here to the end of the unit of work no other runner asks it, since they wait for its lock.
    """
    newest = newest_version(work, code=template.code)
    return newest if newest is not None else publish_template(work, template)


def publish_template(work: Work, template: Template) -> Questionnaire:
    return publish_questionnaire(
        work,
        code=template.code,
        title=template.title,
        introduction=template.introduction,
        items=template.items,
        mode=template.mode,
    )
