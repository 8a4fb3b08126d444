"""However a body is cut into pieces, the same comes out; whatever it holds, nothing but MalformedBody is raised."""

import itertools
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.uploads.multipart import MultipartReader, PartBegan, PartData, boundary_of, is_multipart
from core.errors import MalformedBody

BOUNDARY = b"frontier"
TRICKY = st.sampled_from([b"\r\n--frontie", b"\r\n--frontier", b"--", b"\r\n", b"\r", b"--frontier--", b"x"])
VALUES = (
    st.lists(TRICKY | st.binary(max_size=40), max_size=4).map(b"".join).filter(lambda it: b"\r\n--frontier" not in it)
)
NAMES = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)
PARTS = st.lists(st.tuples(NAMES, VALUES), min_size=1, max_size=5)


def body_of(parts: Iterable[tuple[str, bytes]]) -> bytes:
    head = b'--%s\r\nContent-Disposition: form-data; name="%s"; filename="a.jpg"\r\nX-More: 1\r\n\r\n'
    return (
        b"".join(head % (BOUNDARY, name.encode()) + value + b"\r\n" for name, value in parts) + b"--%s--\r\n" % BOUNDARY
    )


def parts_of(chunks: Iterable[bytes]) -> list[tuple[str, bytes]]:
    reader = MultipartReader(BOUNDARY)
    parts: list[tuple[str, bytes]] = []
    for event in itertools.chain.from_iterable(reader.feed(chunk) for chunk in chunks):
        match event:
            case PartBegan(name):
                parts.append((name, b""))
            case PartData(data):
                parts[-1] = (parts[-1][0], parts[-1][1] + data)
    reader.finish()
    return parts


@given(parts=PARTS, data=st.data())
def test_chunk_boundaries_change_nothing(parts: list[tuple[str, bytes]], data: st.DataObject) -> None:
    body = body_of(parts)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(body)), max_size=12)))
    chunks = [body[start:end] for start, end in itertools.pairwise([0, *cuts, len(body)])]
    assert parts_of(chunks) == parts


@given(parts=PARTS)
def test_byte_by_byte(parts: list[tuple[str, bytes]]) -> None:
    assert parts_of(bytes([each]) for each in body_of(parts)) == parts


@given(body=st.binary(max_size=400) | st.lists(TRICKY | st.binary(max_size=9)).map(b"".join))
def test_random_bytes_are_read_or_rejected(body: bytes) -> None:
    for prefix in (b"", b"--frontier\r\n", b'--frontier\r\nContent-Disposition: form-data; name="a"\r\n\r\n'):
        try:
            parts_of([prefix + body])
        except MalformedBody:
            continue


@given(parts=PARTS, data=st.data())
def test_a_body_that_ends_too_early_is_rejected(parts: list[tuple[str, bytes]], data: st.DataObject) -> None:
    body = body_of(parts)
    end = data.draw(st.integers(0, len(body) - len(b"--\r\n")))
    with pytest.raises(MalformedBody):
        parts_of([body[:end]])


def test_a_part_without_a_name_is_rejected() -> None:
    with pytest.raises(MalformedBody, match="name"):
        parts_of([b"--frontier\r\nContent-Disposition: form-data\r\n\r\nx\r\n--frontier--"])


def test_an_endless_header_is_rejected() -> None:
    reader = MultipartReader(BOUNDARY)
    with pytest.raises(MalformedBody):
        reader.feed(b"--frontier\r\nContent-Disposition: " + b"a" * 20_000)


def test_a_long_file_name_is_read() -> None:
    head = b'--frontier\r\nContent-Disposition: form-data; name="image"; filename="%s"\r\n\r\n'
    (began, *_) = MultipartReader(BOUNDARY).feed(head % (b"a" * 5_000))
    assert began == PartBegan("image", "a" * 5_000)


@pytest.mark.parametrize("step", [1, 1_000])
def test_folded_fields_a_preamble_and_an_epilogue_are_legal(step: int) -> None:
    body = (
        b"This is a multi-part message in MIME format.\r\n--frontie\r\n--frontier\r\n"
        b'content-disposition: form-data;\r\n name="filter";\r\n\tfilename="a b"\r\nContent-Type: text/plain;\r\n'
        b" charset=utf-8\r\n\r\nsepia\r\n--frontier--\r\nAnd this follows it."
    )
    assert parts_of(body[at : at + step] for at in range(0, len(body), step)) == [("filter", b"sepia")]


def test_names_in_any_encoding_are_read() -> None:
    head = b'--frontier\r\nContent-Disposition: form-data; name="image"; filename="%s"\r\n\r\n'
    names = [MultipartReader(BOUNDARY).feed(head % sent) for sent in ("été".encode(), "été".encode("latin-1"))]
    assert names == [[PartBegan("image", "été")], [PartBegan("image", "\ufffdt\ufffd")]]


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data;"]
)
def test_a_boundary_is_needed(content_type: str) -> None:
    assert is_multipart(content_type)
    with pytest.raises(MalformedBody):
        boundary_of(content_type)


def test_an_endless_boundary_is_rejected() -> None:
    with pytest.raises(MalformedBody, match="boundary"):
        MultipartReader(b"b" * 10_000)


@given(content_type=st.text(st.characters(max_codepoint=255)))
def test_any_content_type_is_multipart_or_not(content_type: str) -> None:
    assert is_multipart(content_type) in {True, False}


def test_endless_parts_are_rejected() -> None:
    assert len(parts_of([body_of([("a", b"")] * 64)])) == 64
    with pytest.raises(MalformedBody, match="64 parts"):
        parts_of([body_of([("a", b"")] * 65)])


def test_an_endless_content_type_is_rejected() -> None:
    content_type = "multipart/form-data; boundary=a" + ";" * 30_000
    assert is_multipart(content_type)
    with pytest.raises(MalformedBody, match="1024 characters"):
        boundary_of(content_type)
