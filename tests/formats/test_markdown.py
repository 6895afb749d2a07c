"""Markdown that people write, and what nasty people would write."""

import re

import pytest
from bs4 import BeautifulSoup

from cop.formats import markdown

MOST = 10_000


def tags(html: str) -> set[str]:
    return {tag.name for tag in BeautifulSoup(html, "html.parser").find_all(True)}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Plain words.", "<p>Plain words.</p>"),
        ("One\n\nTwo", "<p>One</p>\n<p>Two</p>"),
        ("One line\nand the next", "<p>One line<br>\nand the next</p>"),
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("    a = 1", "<pre><code>a = 1\n</code></pre>"),
        ("Tom & Jerry <3", "<p>Tom &amp; Jerry &lt;3</p>"),
        ("“Curly” – ’quotes’ 🌻 نور", "<p>“Curly” – ’quotes’ 🌻 نور</p>"),
    ],
)
def test_what_people_write_becomes_html(text: str, html: str) -> None:
    assert markdown.to_html(text) == html


def test_no_post_has_a_heading_of_the_page() -> None:
    html = markdown.to_html("# One\n\n## Two\n\n#### Four\n\n###### Six\n\nUnderlined\n===")
    assert re.findall(r"<(h\d)>(\w+)</h\d>", html) == [
        ("h3", "One"),
        ("h4", "Two"),
        ("h6", "Four"),
        ("h6", "Six"),
        ("h3", "Underlined"),
    ]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[words](https://a.example/b)", "https://a.example/b"),
        ("<https://a.example/b>", "https://a.example/b"),
        ("see https://a.example/b", "https://a.example/b"),
        ("see https://a.example/b.", "https://a.example/b"),
        ("(see https://a.example/b)", "https://a.example/b"),
        ("see https://a.example/b_(c), then", "https://a.example/b_(c)"),
        ("**https://a.example/b_c_d**", "https://a.example/b_c_d"),
        ("“https://a.example/?q=1&r=2”", "https://a.example/?q=1&r=2"),
        ("[mail](mailto:jo@a.example)", "mailto:jo@a.example"),
    ],
)
def test_links_lead_out_without_telling_where_from(text: str, address: str) -> None:
    (link,) = BeautifulSoup(markdown.to_html(text), "html.parser").select("a")
    assert link["href"] == address
    assert link["rel"] == ["nofollow", "noopener"]


def test_an_address_in_code_or_in_a_link_is_left_alone() -> None:
    html = markdown.to_html("`https://a.example` [https://b.example](https://c.example)")
    assert [link["href"] for link in BeautifulSoup(html, "html.parser").select("a")] == ["https://c.example"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">a</a>',
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](&#106;avascript:alert(1))",
        "[a](java\tscript:alert(1))",
        "[a](vbscript:x)",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](file:///etc/passwd)",
        "<javascript:alert(1)>",
        "![a](javascript:alert(1))",
        "![a](https://track.example/pixel.png)",
        '[a](https://a.example "onmouseover=alert(1)")',
        '[a](https://a.example" onmouseover="alert(1))',
        'https://a.example/"onmouseover="alert(1)',
        "[a]\n\n[a]: javascript:alert(1)",
        "```<script>\nalert(1)\n```",
        "<svg/onload=alert(1)>",
        "<style>*{display:none}</style>",
        "<iframe src=//evil.example></iframe>",
        "<form action=//evil.example><input name=a></form>",
        "<div id=main-content class=cop-header style=color:red>",
        "<!-- comment --> <![CDATA[x]]> <?php x ?>",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\u202e<b>txet</b>",
    ],
)
def test_nothing_that_acts_or_loads_gets_through(text: str) -> None:
    html = markdown.to_html(text)
    assert tags(html) <= {"p", "a", "pre", "code", "br"}
    for tag in BeautifulSoup(html, "html.parser").find_all(True):
        assert set(tag.attrs) <= {"href", "rel", "title"}
        assert str(tag.get("href", "https:")).startswith(("https:", "http:", "mailto:"))


@pytest.mark.parametrize("text", ["", "   ", "[a]: https://a.example", "\n\n"])
def test_nothing_to_see_is_empty(text: str) -> None:
    assert markdown.to_html(text) == ""


@pytest.mark.parametrize(
    "piece",
    ["[", "[a](", "*", "_a", "**a", "`", ">", "> > ", "- ", "1) ", "<a ", "&", "[a][b", "![", "https://a/(", "#"],
)
def test_the_longest_post_of_nonsense_is_read(piece: str) -> None:
    html = markdown.to_html((piece * MOST)[:MOST])
    assert tags(html) <= markdown.TAGS


def test_a_quotation_names_who_said_it_line_by_line() -> None:
    assert markdown.quoted("One\n\nTwo", by="Amina Yusuf") == "> **Amina Yusuf**\n>\n> One\n>\n> Two\n\n"


def test_a_long_quotation_is_cut_at_a_word() -> None:
    text = markdown.quoted("word " * 1_000, by="Amina")
    assert text.endswith("word …\n\n")
    assert len(text) < 1_100


def test_a_name_cannot_break_out_of_its_quotation() -> None:
    html = markdown.to_html(markdown.quoted("Hello", by="<script>alert(1)</script>"))
    assert tags(html) == {"blockquote", "p", "strong"}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("**bold** and *soft*", "bold and soft"),
        ("# One\n\nTwo\nlines", "One\n\nTwo\nlines"),
        ("see [words](https://a.example/b)", "see words: https://a.example/b"),
        ("see https://a.example/b.", "see https://a.example/b."),
        ("[us](mailto:jo@a.example) or <jo@a.example>", "us: jo@a.example or jo@a.example"),
        ("- a\n- b\n  - c", "- a\n- b\n  - c"),
        ("3. c\n4. d", "3. c\n4. d"),
        ("> said\n>\n> more", "> said\n>\n> more"),
        ("a\n\n---\n\n    x = 1\n\n`b`", "a\n\n---\n\nx = 1\n\nb"),
        ("Tom & <b>Jerry</b>", "Tom & <b>Jerry</b>"),
        ("[a]: https://a.example", ""),
    ],
)
def test_the_same_reads_well_as_plain_text(text: str, plain: str) -> None:
    assert markdown.to_text(text) == plain


def test_what_fills_a_field_is_words_whatever_it_looks_like() -> None:
    fields = {"name": "# *Jo* [x](https://evil.example) https://evil.example <b>"}
    html = markdown.to_html("**{name}** `{name}` {other}", fields=fields)
    assert tags(html) == {"p", "strong", "code"}
    assert BeautifulSoup(html, "html.parser").get_text() == f"{fields['name']} {{name}} {{other}}"
    assert markdown.to_text("**{name}** {other}", fields=fields) == f"{fields['name']} {{other}}"


def test_a_letter_has_headings_below_its_own() -> None:
    html = markdown.to_html("# One\n\n## Two", largest_heading=2)
    assert re.findall(r"<(h\d)>(\w+)</h\d>", html) == [("h2", "One"), ("h3", "Two")]
