"""Admins keep the lists of words on a page."""

from tests.support.browse import Browse
from tests.support.make import Make


def test_admins_begin_with_the_ready_made_lists_and_change_them(browse: Browse, make: Make) -> None:
    page = browse.sign_in(make.admin()).get("/admin/").click("Words to sort by")
    assert "There are no words yet" in page.text
    page.submit("Add the ready-made words")
    assert "48 words are added" in page.text
    page.submit("Add the ready-made words")
    assert "All ready-made words are there already" in page.text
    page.click("Add a word").submit("Add the word", kind="skill", name="Minute taking")
    assert "“Minute taking” is added" in page.text
    page.click("Change Minute taking").submit("Save", name="Taking minutes")
    assert "Taking minutes" in page.text
    page.click("Change Taking minutes").submit("Offer it no more")
    assert "Taking minutes Offered no more" in page.text
    page.click("Change Taking minutes").submit("Offer it again")
    assert "Taking minutes Offered no more" not in page.text


def test_a_word_that_is_there_is_refused_beside_the_field(browse: Browse, make: Make) -> None:
    page = browse.sign_in(make.admin()).get("/admin/words/").submit("Add the ready-made words")
    page.click("Add a word").submit("Add the word", kind="theme", name="Housing")
    assert page.status == 422
    assert page.errors == ["“Housing” is in this list already"]
    page.submit("Add the word", name="")
    assert page.errors == ["Enter a word"]


def test_the_lists_are_there_for_admins_alone(browse: Browse, make: Make) -> None:
    assert browse.sign_in(make.account()).get("/admin/words/").status == 404
    assert browse.post("/admin/words/ready-made").status == 404
    assert browse.sign_in(make.admin()).get("/admin/words/nowhere").status == 404
