"""The members of the network, for everyone; their people are never shown here."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cop.core.access import PUBLIC
from cop.core.errors import NotFound
from cop.forms.directory import SearchMembers
from cop.queries import organisations as queries
from cop.queries import pledges, stories, taking_part
from cop.queries.succession import lineage
from cop.web import Area, page_number, paged, read

PAGE = 30

STORIES = 10
"""Of its people, on the page of an organisation."""

area = Area("organisations", __name__)


@area.get("/members/", access=PUBLIC, shared=True)
def members() -> ResponseReturnValue:
    form = SearchMembers(request.args)
    asked = form.asked()
    wanted = queries.Wanted(
        words=asked.get("q", ""), kind=asked.get("kind"), region=asked.get("region"), members_only=True
    )
    found = queries.listed(read(), wanted, offset=(page_number() - 1) * PAGE, limit=PAGE)
    return render_template(
        "organisations/members.html",
        form=form,
        asked=asked,
        total=queries.count(read(), wanted),
        pager=paged(found, PAGE),
    )


@area.get("/organisations/<slug>", access=PUBLIC, shared=True)
def organisation(slug: str) -> ResponseReturnValue:
    """The page of an organisation, with what it took part in for its lead and the secretariat.

    A double's address leads on to the record that it was merged into, for good.
    """
    try:
        found = queries.profile(read(), slug=slug)
    except NotFound:
        return redirect(url_for(".organisation", slug=queries.kept_slug(read(), slug=slug)), 301)
    organisation_id = found.organisation.id
    record = taking_part.record(read(), found.organisation)
    return render_template(
        "organisations/organisation.html",
        found=found,
        lineage=lineage(read(), organisation_id=organisation_id),
        stories=stories.told(read(), organisation_id=organisation_id, limit=STORIES)[:STORIES],
        record=record,
        pledges=pledges.of_organisation(read(), organisation_id=organisation_id) if record else (),
    )
