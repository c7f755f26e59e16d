"""Whatever a route is given, it refuses in our own words or gives clean articles, the same ones each time."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from newsletter.errors import IntakeError
from newsletter.intake import read
from newsletter.intake.decoding import decode
from newsletter.intake.frontmatter import divide
from newsletter.intake.route import ROUTES
from newsletter.model import Article
from tests.unit.intake.clean_article import assert_clean
from tests.unit.intake.samples import SAMPLES, damaged

WHOLE = ("print", "markdown", "print-html")
"""The routes that tell what each piece of an input became: those whose input is one article."""

fast = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
every_route = pytest.mark.parametrize("route", ROUTES)


def check(data, desk):
    with contextlib.suppress(IntakeError):
        found = read(data, "input", desk)
        assert [repr(each) for each in found] == [repr(each) for each in read(data, "input", desk)]
        for each in found:
            if not isinstance(each, Article):
                assert "\n" not in str(each)
                continue
            assert_clean(each)
            assert "".join(part.text for part in each.parts) == (decode(data) if each.source.format in WHOLE else "")


@every_route
def test_the_samples_are_read(make_desk, route):
    for data in SAMPLES[route]:
        for format in ("", route):
            found = read(data, "input", make_desk(format=format))
            assert found
            assert all(isinstance(each, Article) and each.source.format == route for each in found)
            check(data, make_desk(format=format))


@every_route
@fast
@given(data=st.binary(max_size=500))
def test_any_bytes_are_refused_or_read(make_desk, route, data):
    check(data, make_desk(format=route))


@every_route
@fast
@given(text=st.text(max_size=500))
def test_any_text_is_refused_or_read(make_desk, route, text):
    check(text.encode("utf-8", "replace"), make_desk(format=route))


@every_route
@fast
@given(draw=st.data())
def test_damaged_inputs_are_refused_or_read(make_desk, route, draw):
    data = draw.draw(damaged(draw.draw(st.sampled_from(SAMPLES[route]))))
    check(data, make_desk(format=draw.draw(st.sampled_from(["", route]))))


@every_route
@fast
@given(draw=st.data())
def test_an_input_of_another_format_is_refused_or_read(make_desk, route, draw):
    other = draw.draw(st.sampled_from([each for each in ROUTES if each != route]))
    check(draw.draw(damaged(draw.draw(st.sampled_from(SAMPLES[other])))), make_desk(format=route))


@fast
@given(
    front=st.lists(st.sampled_from(["---", "+++", "title: a", "title = 'a'", "", " ", "x", "é: [b"]), max_size=8),
    ends=st.lists(st.sampled_from(["\n", "\r\n", "\r", "\n\r"]), min_size=1, max_size=3),
    body=st.text(max_size=200),
)
def test_front_matter_and_text_are_the_whole_input(front, ends, body):
    text = "".join(line + ends[n % len(ends)] for n, line in enumerate(front)) + body
    with contextlib.suppress(IntakeError):
        assert "".join(divide(text)) == text
