"""What every link promises. A carrier's tests inherit it and bring their wire."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence

import pytest

from infra.links import Hello, LinkBroken, Outpost, Source
from infra.links.outlink import Outlink
from infra.shell import UNNUMBERED
from messages.envelope import Address, Envelope

SENDER, READER = "account/acme", "book/AAPL"


def letters(first: int, last: int, sender: Address = SENDER) -> list[Envelope]:
    """The envelopes with these numbers, the last included."""
    return [
        Envelope(sender, READER, seq, "Note", 1, "", f'"{sender} {seq}"'.encode())
        for seq in range(first, last + 1)
    ]


async def until(true: Callable[[], bool], timeout_s: float = 10.0) -> None:
    """Wait for it; TimeoutError where it does not come."""
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110  # what it waits for has no event
            await asyncio.sleep(0.002)


class Reader:
    """A recipient with a cursor that outlives it, as an actor's host has one.

    ``acknowledging``: False holds acknowledgements back, as while a commit is under way.
    """

    def __init__(self, heard: dict[Address, int] | None = None) -> None:
        self.heard = {} if heard is None else heard
        self.taken: list[Envelope] = []
        self.repeats = 0
        self.hellos: list[Hello] = []
        self.sources: list[Source] = []
        self.news: list[bytes] = []
        self.acknowledging = True

    def greet(self, source: Source) -> int:
        hello = source.hello
        self.hellos.append(hello)
        self.sources.append(source)
        if hello.sender.partition("/")[0] in UNNUMBERED:
            self.heard[hello.sender] = hello.first - 1
        heard = self.heard.get(hello.sender, 0)
        if heard < hello.first - 1:
            raise LinkBroken(f"{READER} has heard {heard}, {hello.first} is the first there is")
        return heard

    def take(self, source: Source, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            heard = self.heard.get(envelope.sender, 0)
            if envelope.seq <= heard:
                self.repeats += 1
            elif envelope.seq == heard + 1:
                self.taken.append(envelope)
                self.heard[envelope.sender] = envelope.seq
            else:
                source.rewind(heard)
                return
        if self.acknowledging and envelopes:
            source.acknowledge(self.heard[envelopes[-1].sender])

    def vitals(self, data: bytes) -> None:
        self.news.append(data)

    def acknowledge_now(self) -> None:
        """What was held back."""
        self.acknowledging = True
        for source in self.sources:
            source.acknowledge(self.heard.get(source.hello.sender, 0))

    @property
    def numbers(self) -> list[int]:
        return [envelope.seq for envelope in self.taken]


class Wire(ABC):
    """A carrier with one recipient at a time."""

    def __init__(self) -> None:
        self.activations = 0
        self.outposts: list[Outpost] = []
        self.on_activate: Callable[[], object] = lambda: None

    @abstractmethod
    async def listen(self, inbox: Reader) -> None:
        """The recipient is there."""

    @abstractmethod
    async def hang_up(self) -> None:
        """The recipient is gone, with whatever was on its way."""

    @abstractmethod
    def connect(self, link: Outlink, heard: Callable[[Address, int], None]) -> Outpost:
        """The sending end, to be kept in ``outposts``."""

    async def activate(self, address: Address) -> None:
        assert address == READER
        self.activations += 1
        self.on_activate()

    def outpost(
        self,
        offered: Sequence[Envelope] = (),
        *,
        heard: Callable[[Address, int], None] = lambda _, __: None,
        sender: Address = SENDER,
        mark: int = 0,
        window: int = 4096,
        incarnation: str = "",
    ) -> Outpost:
        """A sender that knows of acknowledgements up to ``mark`` and offers these."""
        link = Outlink(sender, READER, heard=mark, window=window, incarnation=incarnation)
        found = self.connect(link, heard)
        self.outposts.append(found)
        if offered:
            found.offer(offered)
        return found

    async def close(self) -> None:
        for outpost in self.outposts:
            await outpost.close()
        await self.hang_up()


class LinkContract:
    """Inherit, and give a ``wire`` fixture's ``make``."""

    def make(self) -> Wire:
        """The carrier."""
        raise NotImplementedError

    @pytest.fixture
    async def wire(self) -> AsyncIterator[Wire]:
        found = self.make()
        yield found
        await found.close()

    async def test_what_is_offered_arrives_once_and_in_order(self, wire: Wire) -> None:
        reader, told = Reader(), list[int]()
        await wire.listen(reader)
        outpost = wire.outpost(heard=lambda _, seq: told.append(seq))
        for first in range(1, 1200, 100):
            outpost.offer(letters(first, first + 99))
            await asyncio.sleep(0)
        await until(lambda: outpost.unacknowledged == 0)
        assert reader.taken == letters(1, 1200)
        assert told == sorted(set(told))
        assert told[-1] == 1200

    async def test_a_recipient_that_is_not_there_is_activated_and_then_hears_all(
        self, wire: Wire
    ) -> None:
        reader = Reader()
        outpost = wire.outpost(letters(1, 3))
        await until(lambda: wire.activations >= 1)
        assert outpost.unacknowledged == 3
        await wire.listen(reader)
        await until(lambda: outpost.unacknowledged == 0)
        assert reader.numbers == [1, 2, 3]

    async def test_an_activation_that_fails_is_tried_again(self, wire: Wire) -> None:
        """Or what is owed would wait for the next thing to be said."""

        def fail() -> None:
            raise RuntimeError("the runtime is not there yet")

        wire.on_activate = fail
        reader = Reader()
        outpost = wire.outpost(letters(1, 3))
        await until(lambda: wire.activations >= 2)
        await wire.listen(reader)
        await until(lambda: outpost.unacknowledged == 0)
        assert reader.numbers == [1, 2, 3]

    async def test_what_was_not_acknowledged_is_sent_again_after_the_recipient_died(
        self, wire: Wire
    ) -> None:
        """I1, I2: it had taken 4 and made 2 durable."""
        reader = Reader()
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 2))
        await until(lambda: outpost.unacknowledged == 0)
        reader.acknowledging = False
        outpost.offer(letters(3, 4))
        await until(lambda: reader.numbers == [1, 2, 3, 4])
        await wire.hang_up()
        again = Reader({SENDER: 2})
        await wire.listen(again)
        outpost.offer(letters(5, 5))
        await until(lambda: outpost.unacknowledged == 0)
        assert again.numbers == [3, 4, 5]
        assert again.repeats == 0

    async def test_what_was_heard_and_not_acknowledged_is_not_taken_again(self, wire: Wire) -> None:
        """I2: the acknowledgement was lost, not the message."""
        reader = Reader()
        reader.acknowledging = False
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 4))
        await until(lambda: reader.numbers == [1, 2, 3, 4])
        await wire.hang_up()
        again = Reader(reader.heard)
        await wire.listen(again)
        outpost.offer(letters(5, 6))
        await until(lambda: outpost.unacknowledged == 0)
        assert again.numbers == [5, 6]

    async def test_a_sender_that_has_forgotten_acknowledgements_repeats_nothing(
        self, wire: Wire
    ) -> None:
        """I2: its mark lags after a crash, and what it thinks owed was heard long ago."""
        reader = Reader({SENDER: 8})
        await wire.listen(reader)
        told: list[int] = []
        outpost = wire.outpost(letters(4, 10), mark=3, heard=lambda _, seq: told.append(seq))
        await until(lambda: outpost.unacknowledged == 0)
        assert reader.numbers == [9, 10]
        assert told[-1] == 10

    async def test_a_recipient_that_has_heard_more_than_was_ever_sent_breaks_the_link(
        self, wire: Wire
    ) -> None:
        """The sender's journal has lost entries: going on would give numbers away twice."""
        reader = Reader({SENDER: 9})
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 3))
        await until(lambda: len(reader.hellos) >= 1)
        await asyncio.sleep(0.3)
        assert reader.taken == []
        assert outpost.unacknowledged == 3
        assert len(reader.hellos) < 12, "it tries again in a tight loop"

    async def test_a_recipient_that_misses_what_the_sender_no_longer_has_breaks_the_link(
        self, wire: Wire
    ) -> None:
        reader = Reader({SENDER: 2})
        await wire.listen(reader)
        outpost = wire.outpost(letters(6, 8), mark=5)
        await until(lambda: len(reader.hellos) >= 1)
        await asyncio.sleep(0.2)
        assert reader.taken == []
        assert outpost.unacknowledged == 3
        assert len(reader.hellos) < 12, "it tries again in a tight loop"

    async def test_no_more_than_the_window_is_in_flight(self, wire: Wire) -> None:
        reader = Reader()
        reader.acknowledging = False
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 40), window=8)
        await until(lambda: len(reader.taken) >= 8)
        await asyncio.sleep(0.05)
        assert len(reader.taken) == 8
        reader.acknowledge_now()
        await until(lambda: outpost.unacknowledged == 0)
        assert reader.numbers == list(range(1, 41))

    async def test_a_sender_without_a_journal_begins_anew_with_each_incarnation(
        self, wire: Wire
    ) -> None:
        reader = Reader()
        await wire.listen(reader)
        for incarnation in ("one", "two"):
            outpost = wire.outpost(
                letters(1, 3, "ingress/0"), sender="ingress/0", incarnation=incarnation
            )
            await until(lambda outpost=outpost: outpost.unacknowledged == 0)
            await outpost.close()
        assert reader.numbers == [1, 2, 3, 1, 2, 3]
        assert (reader.hellos[0].incarnation, reader.hellos[-1].incarnation) == ("one", "two")

    async def test_two_senders_do_not_disturb_each_other(self, wire: Wire) -> None:
        reader = Reader()
        await wire.listen(reader)
        senders = ("account/a", "account/b")
        outposts = [wire.outpost(letters(1, 50, s), sender=s) for s in senders]
        await until(lambda: all(o.unacknowledged == 0 for o in outposts))
        for sender in senders:
            assert [e for e in reader.taken if e.sender == sender] == letters(1, 50, sender)

    async def test_a_message_that_is_rewound_is_sent_again(self, wire: Wire) -> None:
        """I3: what the recipient dropped, for whatever reason, comes again before the rest."""
        reader = Reader()
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 4))
        await until(lambda: outpost.unacknowledged == 0)
        whole, dropped = reader.take, list[int]()

        def drop_once(source: Source, envelopes: Sequence[Envelope]) -> None:
            if not dropped:
                dropped.append(envelopes[0].seq)
                source.rewind(reader.heard[SENDER])
                return
            whole(source, envelopes)

        reader.take = drop_once  # type: ignore[method-assign]
        outpost.offer(letters(5, 9))
        await until(lambda: outpost.unacknowledged == 0)
        assert dropped == [5]
        assert reader.numbers == list(range(1, 10))

    async def test_a_closed_outpost_sends_nothing_more(self, wire: Wire) -> None:
        reader = Reader()
        await wire.listen(reader)
        outpost = wire.outpost(letters(1, 2))
        await until(lambda: outpost.unacknowledged == 0)
        await outpost.close()
        outpost.offer(letters(3, 4))
        await asyncio.sleep(0.05)
        assert reader.numbers == [1, 2]
        assert outpost.unacknowledged == 2
