"""Byte offsets and code-point offsets agree, whatever the text holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lsp_debugger.syntax.offsets import ByteMap

WIDE = st.text(alphabet=st.sampled_from("aé漢😀\n\ud800 x"), max_size=2000)


@given(st.text() | WIDE | st.builds(lambda text: text * 40, WIDE), st.data())
def test_both_directions(text: str, data: st.DataObject):
    positions = ByteMap(text)
    offset = data.draw(st.integers(0, len(text)))
    byte = positions.byte_of(offset)
    assert byte == len(text[:offset].encode("utf-8", "surrogatepass"))
    assert positions.offset_of(byte) == offset


@given(st.text(alphabet="a漢😀"), st.integers(-5, 500))
def test_inside_a_character_is_the_one_after_it(text: str, byte: int):
    positions = ByteMap(text)
    before = positions.source[: max(byte, 0)].decode("utf-8", "ignore")
    exact = len(before.encode()) == min(max(byte, 0), len(positions.source))
    assert positions.offset_of(byte) == len(before) + (not exact)


def test_offsets_outside_are_clamped():
    positions = ByteMap("漢")
    assert (positions.byte_of(-1), positions.byte_of(9)) == (0, 3)
    assert (positions.offset_of(-1), positions.offset_of(9)) == (0, 1)
