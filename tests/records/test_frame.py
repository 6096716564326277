"""Frames are read back, and damage is told from a tail that is still being written."""

from hypothesis import given
from hypothesis import strategies as st

from records.frame import Damage, Frame, pack, scan

payloads = st.lists(st.binary(max_size=60), min_size=1, max_size=6)


@given(payloads)
def test_what_was_packed_is_read_back_in_order(written):
    assert [part.payload for part in scan(b"".join(map(pack, written)))] == written


@given(payloads, st.data())
def test_every_frame_but_the_damaged_one_is_read_whatever_byte_flips(written, data):
    frames = [pack(payload) for payload in written]
    victim = data.draw(st.integers(0, len(frames) - 1))
    position = data.draw(st.integers(0, len(frames[victim]) - 1))
    flipped = bytearray(frames[victim])
    flipped[position] ^= data.draw(st.integers(1, 255))

    found = list(scan(b"".join([*frames[:victim], bytes(flipped), *frames[victim + 1 :]])))

    intact = [payload for i, payload in enumerate(written) if i != victim]
    assert [part.payload for part in found if isinstance(part, Frame)] == intact
    damaged = sum(part.end - part.start for part in found if isinstance(part, Damage))
    assert damaged == (len(flipped) if victim < len(frames) - 1 else 0)


@given(payloads, st.data())
def test_a_torn_tail_is_not_damage_and_everything_before_it_is_read(written, data):
    whole = b"".join(map(pack, written))
    cut = data.draw(st.integers(1, len(pack(written[-1]))))

    found = list(scan(whole[:-cut]))

    assert [part.payload for part in found] == written[:-1]


def test_reading_goes_on_where_it_stopped():
    first, second = pack(b"first"), pack(b"second")
    (part,) = scan(first + second[:-1])

    (rest,) = scan(first + second, part.end)

    assert rest.payload == b"second"


def test_a_payload_that_holds_a_frame_is_one_payload():
    assert [part.payload for part in scan(pack(pack(b"inside")))] == [pack(b"inside")]
