"""JSON documents broken the way that exports, proxies and enemies break them."""

from hypothesis import strategies as st

ODD = [
    *(None, True, False, 0, -1, 3.5, 10**30, "", " ", "missing", "//[", "https://[", "javascript:alert(1)", "\ud800"),
    *("\u202e\x00", "<script>x</script>", "0000-00-00T00:00:00", "9999-12-31T23:59:59Z", "1e9", "99999999999", "²³"),
    *([], {}, [[]], [None], {"rendered": None}, {"data": {"type": [], "id": {}}}, {"self": {"href": 5}}),
]


def places(value, at=()):
    """Every place in a document, as the keys that lead there."""
    yield at
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield from places(each, (*at, key))


def put(value, at, odd):
    """The document with one place filled otherwise."""
    if not at:
        return odd
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[at[0]] = put(value[at[0]], at[1:], odd)
    return changed


@st.composite
def broken(draw, document):
    """The document with a few of its values replaced."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.sampled_from(list(places(document))))
        document = put(document, at, draw(st.sampled_from(ODD)))
    return document
