"""Whatever is typed into a post, nothing of it acts, loads or leads anywhere but to a page or a mail address."""

from urllib.parse import urlsplit

from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cop.formats import markdown

PIECES = (
    "[", "](", "]", ")", "(", "<", ">", "!", "![", '"', "'", "`", "```\n", "*", "**", "_", "#", "# ", "> ", "- ", "1. ",
    "\n", "\n\n", "    ", "\t", "\\", "&", "&#106;", "&colon;", "&Tab;", "&lt;", "|", ":", "//", "@", "\x0b", "\u202e",
    "javascript:", "JAVASCRIPT:", "java\tscript:", "data:text/html,", "vbscript:", "file:///", "blob:", "about:",
    "https://a.example/", "http://", "mailto:jo@a.example", "https://a.example/x.png", "//evil.example",
    "<script>", "</script>", "<img src=", "onerror=", "onload=", "<svg", "<style>", "<iframe", "<a href=", "style=",
    "<!--", "-->", "<![CDATA[", "<?", "alert(1)", "words", "[a]: ", "[a]", "{name}", "<b>", "</p>", "<math><mtext>",
)  # fmt: skip
"""What a post is made of, and what somebody might try."""

typed = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)

often = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def _look_at(html: str) -> None:
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        assert tag.name in markdown.TAGS
        assert set(tag.attrs) <= ({"href", "title", "rel"} if tag.name == "a" else {"start"} & set(tag.attrs))
        if tag.name == "a" and tag.has_attr("href"):
            assert urlsplit(str(tag["href"])).scheme in {"", *markdown.SCHEMES}
            assert tag["rel"] == ["nofollow", "noopener"]


@often
@given(typed)
def test_a_post(text: str) -> None:
    _look_at(markdown.to_html(text))


@often
@given(typed, st.text(max_size=20))
def test_a_quotation_of_it_by_anybody(text: str, by: str) -> None:
    _look_at(markdown.to_html(markdown.quoted(text, by=by)))


@often
@given(typed)
def test_the_same_as_plain_text_can_always_be_written(text: str) -> None:
    assert isinstance(markdown.to_text(text), str)
