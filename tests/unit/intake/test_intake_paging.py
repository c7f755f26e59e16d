import json

import pytest

from newsletter.errors import IntakeError
from newsletter.intake.paging import first, following, is_empty, listed, listing

SITE = "https://www.troisrivieres.example.org"
API = f"{SITE}/jsonapi/node/article"
POSTS = f"{SITE}/wp-json/wp/v2/posts"


@pytest.mark.parametrize(
    ("url", "format", "asked"),
    [
        (API, "drupal", f"{API}?sort=-changed&page[limit]=50"),
        (f"{API}?include=field_tags&sort=-created", "drupal", f"{API}?include=field_tags&sort=-created&page[limit]=50"),
        (f"{API}?page%5Blimit%5D=10", "drupal", f"{API}?page%5Blimit%5D=10&sort=-changed"),
        (POSTS, "wordpress", f"{POSTS}?per_page=100&orderby=modified&order=desc&_embed=1"),
        (f"{POSTS}?_embed&orderby=id", "wordpress", f"{POSTS}?_embed&orderby=id&per_page=100"),
        (
            f"{POSTS}?categories=3#x",
            "wordpress",
            f"{POSTS}?categories=3&per_page=100&orderby=modified&order=desc&_embed=1",
        ),
        (f"{SITE}/rss.xml?a=b", "feed", f"{SITE}/rss.xml?a=b"),
    ],
)
def test_the_first_page_is_what_changed_last(url, format, asked):
    assert first(url, format) == asked


@pytest.mark.parametrize(
    ("url", "format", "asked"),
    [
        (
            f"{API}?include=field_tags&sort=-created&filter[status]=1",
            "drupal",
            f"{API}?filter[status]=1&sort=drupal_internal__nid&page[limit]=50"
            "&fields[node--article]=path,drupal_internal__nid",
        ),
        (f"{SITE}/EcmsApi/articles", "drupal", f"{SITE}/EcmsApi/articles?sort=created&page[limit]=50"),
        (
            f"{POSTS}?_embed&categories=3&per_page=10",
            "wordpress",
            f"{POSTS}?categories=3&per_page=100&orderby=id&order=asc&_fields=id,link,guid",
        ),
        (f"{SITE}/rss.xml", "feed", ""),
        (f"{SITE}/feed.json", "jsonfeed", ""),
    ],
)
def test_the_sweep_asks_for_names_alone(url, format, asked):
    assert listing(url, format) == asked


def test_the_sweep_keeps_every_filter():
    assert "filter[a][]=1&filter[a][]=2&" in listing(f"{API}?filter[a][]=1&filter[a][]=2", "drupal")


def document(link):
    return json.dumps({"data": [], "links": {"next": link}}).encode()


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ({"href": f"{API}?page%5Boffset%5D=50"}, f"{API}?page%5Boffset%5D=50"),
        (f"{API}?page[offset]=50", f"{API}?page[offset]=50"),
        ("/jsonapi/node/article?page[offset]=50", f"{API}?page[offset]=50"),
        ("?page[offset]=50", f"{API}?page[offset]=50"),
        (f"{API.replace('https', 'http')}?page[offset]=50", f"{API}?page[offset]=50"),
        (None, ""),
        ([], ""),
        ("https://evil.example.com/jsonapi", ""),
        ("//evil.example.com/jsonapi", ""),
        (f"{SITE}:8443/jsonapi", ""),
        ("https://www.troisrivieres.example.org@evil.example.com/", ""),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("https://[", ""),
    ],
)
@pytest.mark.parametrize("format", ["drupal", "jsonfeed"])
def test_the_next_page_is_at_the_same_host(format, link, found):
    data = document(link) if format == "drupal" else json.dumps({"next_url": link}).encode()
    if format == "jsonfeed" and isinstance(link, dict):
        found = ""
    assert following(data, API, {}, format) == found


def posts(count):
    return json.dumps([{"id": n, "link": f"{SITE}/{n}/"} for n in range(count)]).encode()


@pytest.mark.parametrize(
    ("url", "headers", "count", "found"),
    [
        (POSTS, {"X-WP-TotalPages": "2"}, 10, f"{POSTS}?page=2"),
        (f"{POSTS}?page=2&per_page=100", {"x-wp-totalpages": "2"}, 100, ""),
        (f"{POSTS}?page=2&per_page=100", {"x-wp-totalpages": "3"}, 7, f"{POSTS}?per_page=100&page=3"),
        (f"{POSTS}?per_page=5&_fields=id,link", {}, 5, f"{POSTS}?per_page=5&_fields=id,link&page=2"),
        (f"{POSTS}?per_page=5", {}, 4, ""),
        (f"{POSTS}?page=x", {"X-WP-TotalPages": "viele"}, 3, ""),
        (POSTS, {"X-WP-TotalPages": "9" * 5000}, 10, f"{POSTS}?page=2"),
    ],
)
def test_wordpress_pages_are_numbered(url, headers, count, found):
    assert following(posts(count), url, headers, "wordpress") == found


@pytest.mark.parametrize(
    ("data", "format", "found"),
    [
        (b"[]", "wordpress", True),
        (b'{"data": []}', "drupal", True),
        (posts(1), "wordpress", False),
        (b'{"data": [{"id": "a"}]}', "drupal", False),
        (b'{"errors": [{"title": "Non"}]}', "drupal", False),
        (b'{"code": "rest_forbidden", "message": "Non"}', "wordpress", False),
        (b'{"items": []}', "jsonfeed", False),
        (b"<rss/>", "feed", False),
    ],
)
def test_a_page_may_show_nothing(data, format, found):
    assert is_empty(data, format) is found


def test_a_feed_has_one_page():
    assert following(b"<rss/>", f"{SITE}/rss.xml", {}, "feed") == ""


def test_a_sweep_names_every_article_as_it_was_stored(make_desk):
    desk = make_desk(hosts=("www.troisrivieres.example.org", "old.example.org"))
    attributes = {"drupal_internal__nid": 12, "path": {"alias": "/actus/eau"}}
    nodes = [{"type": "node--article", "id": "a", "attributes": attributes}]
    data = json.dumps({"data": nodes, "links": {"self": {"href": "https://old.example.org/jsonapi/node/article"}}})
    bare = SITE.replace("www.", "")
    assert listed(data.encode(), "drupal", desk) == [f"{bare}/actus/eau", f"{bare}/node/12"]
    found = [{"id": 7, "link": f"{SITE}/eau/", "guid": {"rendered": f"{SITE}/?p=7"}}]
    assert listed(json.dumps(found).encode(), "wordpress", desk) == [f"{bare}/eau/", f"{bare}/?p=7"]
    assert listed(b"[]", "wordpress", desk) == []
    assert listed(b'{"data": []}', "drupal", desk) == []


@pytest.mark.parametrize(
    ("data", "format"),
    [
        (b'[{"id": 7}]', "wordpress"),
        (b'{"code": "rest_forbidden", "message": "Non"}', "wordpress"),
        (b'{"data": [{"type": "node--article", "attributes": {}}]}', "drupal"),
        (b'{"errors": [{"title": "Non"}]}', "drupal"),
        (b"[" * 100_000, "wordpress"),
        (b"<html>", "drupal"),
    ],
)
def test_a_sweep_that_cannot_be_read_whole_names_nothing(desk, data, format):
    with pytest.raises(IntakeError):
        listed(data, format, desk)
