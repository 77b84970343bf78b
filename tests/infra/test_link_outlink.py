"""The sending side and the frames, without any I/O."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.links import LinkBroken
from infra.links import frames as fr
from infra.links.outlink import Outlink
from messages.envelope import Envelope, decode_all, encode_all
from tests.infra.link_contract import READER, SENDER, letters


def numbers(envelopes: list[Envelope]) -> list[int]:
    return [envelope.seq for envelope in envelopes]


def link(**fields: int) -> Outlink:
    return Outlink(SENDER, READER, **fields)  # type: ignore[arg-type]


def test_what_is_offered_follows_without_a_hole() -> None:
    out = link(heard=3)
    out.offer(letters(4, 5))
    for wrong in (letters(5, 5), letters(7, 7)):
        with pytest.raises(LinkBroken, match="6 is due"):
            out.offer(wrong)
    out.offer(letters(6, 6))
    assert numbers(out.ready(9)) == [4, 5, 6]


def test_what_is_in_flight_is_not_ready_again_until_it_is_rewound() -> None:
    out = link()
    out.offer(letters(1, 5))
    assert numbers(out.ready(2)) == [1, 2]
    assert numbers(out.ready(2)) == [3, 4]
    assert out.acknowledged(3) == 3
    assert numbers(out.ready(9)) == [5]
    assert out.ready(9) == []
    out.rewind()
    assert numbers(out.ready(9)) == [4, 5]


def test_a_new_connection_begins_with_the_oldest_that_is_not_acknowledged() -> None:
    out = link(heard=2)
    out.offer(letters(3, 6))
    out.ready(9)
    out.acknowledged(4)
    hello = out.hello()
    assert (hello.sender, hello.recipient, hello.first) == (SENDER, READER, 5)
    assert numbers(out.ready(9)) == [5, 6]


def test_an_acknowledgement_of_more_than_was_ever_sent_breaks_the_link() -> None:
    out = link(heard=2)
    out.offer(letters(3, 4))
    with pytest.raises(LinkBroken, match="lost entries"):
        out.acknowledged(5)
    assert out.unacknowledged == 2


def test_an_old_acknowledgement_changes_nothing() -> None:
    out = link(heard=2)
    out.offer(letters(3, 4))
    assert out.acknowledged(1) == 0
    assert (out.heard, out.unacknowledged) == (2, 2)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("offer"), st.integers(1, 5)),
        st.tuples(st.just("ready"), st.integers(1, 5)),
        st.tuples(st.just("heard"), st.integers(0, 30)),
        st.tuples(st.just("rewind"), st.just(0)),
        st.tuples(st.just("hello"), st.just(0)),
    ),
    max_size=40,
)


@given(STEPS, st.integers(1, 6))
def test_whatever_happens_the_wire_carries_the_next_number_within_the_window(
    steps: list[tuple[str, int]], window: int
) -> None:
    """I3."""
    out = link(window=window)
    offered = heard = following = 0
    for step, count in steps:
        if step == "offer":
            out.offer(letters(offered + 1, offered + count))
            offered += count
        elif step == "ready":
            sent = numbers(out.ready(count))
            assert sent == list(range(following + 1, following + len(sent) + 1))
            following += len(sent)
            assert following - heard <= window
        elif step == "heard" and count <= offered:
            heard = max(heard, count)
            following = max(following, heard)
            out.acknowledged(count)
        elif step != "heard":
            getattr(out, step)()
            following = heard
        assert out.unacknowledged == offered - heard


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40))), st.integers(1, 7))
def test_frames_come_out_as_they_went_in_however_they_are_cut(
    said: list[tuple[int, bytes]], step: int
) -> None:
    data = b"".join(fr.frame(kind, payload) for kind, payload in said)
    frames = fr.Frames()
    heard = [f for at in range(0, len(data), step) for f in frames.feed(data[at : at + step])]
    assert heard == said


def test_an_absurd_length_is_no_frame_of_ours() -> None:
    with pytest.raises(ValueError, match="bytes"):
        list(fr.Frames().feed(b"\xff\xff\xff\xff\x00"))


def test_a_batch_of_envelopes_comes_out_as_it_went_in() -> None:
    sent = [*letters(1, 3), letters(4, 4)[0]._replace(trace="00-a-b-01", body=b'{"a":"\\n"}')]
    assert decode_all(encode_all(sent)) == sent
    assert decode_all(encode_all([])) == []
