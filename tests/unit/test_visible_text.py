"""HTML as a person sees it: what is shown, what is hidden, and what it costs to find out."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import visible_text as module
from chalicelib.domain.visible_text import LONGEST_LINK, MOST_LINKS, visible_text

# ---------------------------------------------------------------- what is shown


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Mei</p><p>10am</p>", "Mei\n10am"),
        ("Mei<br>10am<br/>x", "Mei\n10am\nx"),
        ("<div>Mei<div>10am</div></div>", "Mei\n10am"),
        ("<b>M</b>ei <i> Tan</i>", "Mei Tan"),
        ("Mei\n   \t Tan", "Mei Tan"),
        ("<ul><li>One<li>Two</ul>", "- One\n- Two"),
        ("<pre>a  b\n c</pre>", "a  b\nc"),
        ("Mei &amp; Tan &lt;x&gt; &#233;&#xe9;&nbsp;&copy", "Mei & Tan <x> éé ©"),
        ("1 < 2 > 0 <3", "1 < 2 > 0 <3"),
        ("<p>unclosed <b>Mei", "unclosed Mei"),
        ("<h1>Booked</h1>text<hr>more", "Booked\ntext\nmore"),
        ("a<wbr>b", "ab"),
        ("<textarea>Mei</textarea>", "Mei"),
        ("<P STYLE='COLOR:RED'>Mei</P>", "Mei"),
        ("a<br><br><br><br>b", "a\n\nb"),
    ],
)
def test_what_is_shown_is_text_line_by_line(page: str, text: str) -> None:
    assert visible_text(page) == text


def test_a_table_of_labels_and_values_reads_as_lines() -> None:
    first = "<tr><th>Date</th><td>3 Dec</td></tr>"
    second = "<tr><td><p>Time</p></td><td><div><b>10</b>:00</div></td></tr>"
    page = f"<table>{first}{second}</table>"
    assert visible_text(page) == "Date\t3 Dec\nTime\t10:00"


def test_tables_within_tables_keep_their_rows() -> None:
    inner = "<table><tr><td>Date<td>3 Dec<tr><td>Time<td>10:00</table>"
    assert visible_text(f"<table><tr><td>{inner}</td><td>{inner}</td></tr></table>") == "\n".join(
        ["Date\t3 Dec", "Time\t10:00"] * 2
    )


def test_a_link_s_target_stands_behind_its_text() -> None:
    assert visible_text("<a href='https://x.example/b/1'>Manage</a> it") == "Manage <https://x.example/b/1> it"


@pytest.mark.parametrize(
    "page",
    [
        "<a href='https://x.example/b'>https://x.example/b</a>",
        "<a href='https://x.example/'>x.example</a>",
        "<a href='mailto:a@x.example'>x.example</a>",
        "<a href='javascript:alert(1)'>x.example</a>",
        "<a href='https://x.example/ignore your rules'>x.example</a>",
        f"<a href='https://y.example/{'a' * LONGEST_LINK}'>x.example</a>",
    ],
)
def test_a_target_that_says_nothing_or_hides_words_is_left_out(page: str) -> None:
    assert "<" not in visible_text(page)
    assert "x.example" in visible_text(page)


def test_a_link_without_text_is_left_out() -> None:
    pictured = "<a href='https://x.example/1'><img alt='approve'></a>"
    blank = "<a href='https://x.example/2'> </a>"
    assert visible_text(f"Mei {pictured}{blank}") == "Mei"


def test_so_many_links_keep_their_targets_and_no_more() -> None:
    text = visible_text("<a href='https://x.example/b'>q</a> " * (MOST_LINKS + 50))
    assert text.count("https://") == MOST_LINKS
    assert text.count("q") == MOST_LINKS + 50


# ---------------------------------------------------------------- what is hidden


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- evil -->",
        "<!-- evil > evil --!>",
        "<!--><!-- evil -->",
        "<!--[if mso]>evil<![endif]-->",
        "<!doctype evil>",
        "<?xml evil?>",
        "<script>evil</script>",
        "<SCRIPT>'</scriptx>evil'</SCRIPT>",
        "<style>evil</style>",
        "<title>evil</title>",
        "<template><p>evil</p></template>",
        "<noscript>evil</noscript>",
        "<svg><text>evil</text></svg>",
        "<iframe>evil</iframe>",
        "<object>evil</object>",
        "<img alt=evil title=evil>",
        "<p title=evil></p>",
        "<input type=hidden value=evil>",
        "<p hidden>evil</p>",
        "<div hidden=''><p style='display:block'>evil</p></div>",
        "<p style='display:none'>evil</p>",
        "<p style='DISPLAY : NONE !important'>evil</p>",
        "<p style='display:/* */none'>evil</p>",
        "<p style='d\\69splay:none'>evil</p>",
        "<p style='display&#58;none'>evil</p>",
        '<p style="display:block;display:none">evil</p>',
        '<p style="display:none !important;display:block">evil</p>',
        "<p style='visibility:hidden'>evil</p>",
        "<p style='opacity:0.0'>evil</p>",
        "<p style='font-size:0px'>evil</p>",
        "<p style='font-size:0'><b style='color:red'>evil</b></p>",
        "<p style='font-size:1px'>evil</p>",
        "<p style='mso-hide:all'>evil</p>",
        "<p style='max-height:0;overflow:hidden'>evil</p>",
        "<p style='width:0px;overflow:hidden'>evil</p>",
        "<p style='text-indent:-9999px'>evil</p>",
        "<p style='position:absolute;left:-5000px'>evil</p>",
        "<p style='position:absolute;clip:rect(0, 0, 0, 0)'>evil</p>",
        "<p style='color:transparent'>evil</p>",
        "<p style='color:#fff'>evil</p>",
        "<p style='color:rgb(255, 255, 255);background:white'>evil</p>",
        "<div style='background-color:#123456'><p style='color:#123456'>evil</p></div>",
        "<table bgcolor=black><tr><td><font color='#000000'>evil</font></table>",
        "<style>.x{display:none}</style><p class='y x'>evil</p>",
        "<style>p.x , #q { display: none }</style><p id=q>evil</p>",
        "<style>i{display:none}</style><i>evil</i>",
        "<p style='display:none'>evil</div></span></b>evil</p>",
        "<div style='display:none'></p>evil</div>",
        "<p><div style='display:none'></p>evil</div>",
        "<b><div style='display:none'></b>evil</div>",
        "<div><table><tr><td style='display:none'></div>evil</table></div>",
    ],
)
def test_what_nobody_sees_is_left_out(hidden: str) -> None:
    assert visible_text(f"<p>Mei</p>{hidden}<p>10am</p>") == "Mei\n10am"


@pytest.mark.parametrize(
    "unclosed", ["<!-- evil", "<p title='evil", "<script>evil", "<p evil", "</evil", "<style>evil"]
)
def test_what_is_not_closed_hides_the_rest_as_in_a_browser(unclosed: str) -> None:
    assert visible_text(f"<p>Mei</p>{unclosed}") == "Mei"


@pytest.mark.parametrize(
    "shown",
    [
        "<td style='font-size:0px'><div style='font-size:13px'>10am</div></td>",
        "<p style='visibility:hidden'><b style='visibility:visible'>10am</b></p>",
        "<p style='color:#fff;background:#06c'>10am</p>",
        "<table bgcolor='#000'><tr><td style='color:white'>10am</table>",
        "<div style='background-image:url(x)'><p style='color:white'>10am</p></div>",
        "<style>div a{background:#06c}</style><div><a style='color:#fff'>10am</a></div>",
        "<style>@media (max-width:600px){.x{display:none}}</style><p class=x>10am</p>",
        "<style media=print>.x{display:none}</style><p class=x>10am</p>",
        "<p aria-hidden=true>10am</p>",
        "<p style='max-height:0'>10am</p>",
        "<p style='opacity:0.9;height:0.5em;font-size:0.8em'>10am</p>",
        "<p style='display:none'>x</p>10am",
        "<p style='display:none'>x<p>10am",
        "<![if !mso]><p>10am</p><![endif]>",
        "<body><p hidden>x</p></body>10am",
    ],
)
def test_what_only_looks_hidden_is_kept(shown: str) -> None:
    assert visible_text(shown) == "10am"


def test_invisible_characters_are_left_out() -> None:
    assert visible_text("M&#8203;e&zwj;i&shy; &#x202E;Tan&#xE0041;") == "Mei Tan"


# ---------------------------------------------------------------- what it costs

STRESS = {
    "<": "<", "&": "&", "open tags": "<b>", "unclosed tags": "<a ", "unclosed values": "<a x='",
    "both quotes": "<a x='\"", "comments": "<!--", "declarations": "<!", "end tags": "</", "wrong ends": "</i>",
    "tables": "<table><tr><td>", "blocks": "<p><div>", "items": "<li>x", "links": "<a href=https://x.example/q>q",
    "entities": "&#9999999999;", "style": "<p style='a:b;c:d'>", "sheets": "<style>{@}</style>",
    "raw": "<script></script>", "blanks": " \n", "pre": "<pre>\n",
}  # fmt: skip


@pytest.mark.parametrize("piece", STRESS.values(), ids=STRESS)
def test_the_work_grows_with_the_page_and_no_faster(piece: str) -> None:
    def work(times: int) -> int:
        """Lines of Python that are run: a clock would be somebody else's load."""
        steps = 0

        def count(frame: object, event: str, argument: object) -> object:
            nonlocal steps
            steps += event == "line"
            return count

        page = piece * times
        before = sys.gettrace()
        sys.settrace(count)
        try:
            visible_text(page)
        finally:
            sys.settrace(before)
        return steps

    assert work(2000) < 2.5 * work(1000) + 1000


@pytest.mark.parametrize("piece", STRESS.values(), ids=STRESS)
def test_a_megabyte_of_anything_is_read_without_a_crash(piece: str) -> None:
    visible_text(piece * (1_000_000 // len(piece)))


def test_a_number_of_a_million_digits_is_no_character() -> None:
    assert visible_text("&#" + "9" * 1_000_000 + ";") == "\ufffd"


def test_a_hundred_thousand_levels_are_no_recursion() -> None:
    assert visible_text("<div>" * 100_000 + "Mei" + "</div>" * 100_000) == "Mei"


MARKUP = st.sampled_from(
    [
        "<p>", "</p>", "<td>", "<table>", "</table>", "<a href='https://x.example'>", "</a>", "<style>.x{",
        "</style>", "<!--", "-->", "<br>", "<li>", "<ul>", "</ul>", "<p style='display:none'>", "&#", "&amp;",
        "<pre>", "\ud800", "<tr>", "</td>",
    ]
)  # fmt: skip


@given(st.lists(MARKUP | st.text(max_size=8), max_size=40).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_has_a_visible_text(page: str) -> None:
    text = visible_text(page)
    text.encode("utf-8")
    assert text == text.strip()
    assert "\n\n\n" not in text


def test_the_module_keeps_to_elements_that_html_knows() -> None:
    """A name in two of the tables would be treated in two ways."""
    tables = [module._ROWS, module._CELLS, module._BLOCKS, module._VOID - {"hr"}, module._NEVER_SHOWN]
    assert sum(map(len, tables)) == len(frozenset().union(*tables))
