"""A paper exchange in tests without a connection or a disk: what it answers to a text."""

from typing import Any

from gateways.paper.commands import perform
from gateways.paper.effects import Counters, Effects, Standing
from gateways.paper.market import Market
from gateways.paper.orders import Order
from gateways.paper.requests import read
from tests.gateways.paper_client import NOW, Fields, Sheet, briefs, fields


class NoPast:
    """Nothing was written before."""

    def find(self, cl_ord_id: str) -> Order | None:
        return None

    def find_number(self, number: int) -> Order | None:
        return None

    def find_fill(self, exec_id: str) -> Standing | None:
        return None

    def find_answer(self, cl_ord_id: str) -> str | None:
        return None

    def trades(self, symbol: str = "", limit: int = 100) -> list[Standing]:
        return []


class Exchange(Sheet, NoPast):
    """A market that remembers all its orders and fills."""

    def __init__(self) -> None:
        super().__init__()
        self.market = Market("XPAR", Counters(), self)
        self.now = NOW
        self._ended: dict[str, Order] = {}
        self._orders: dict[int, Order] = {}
        self._fills: dict[str, Standing] = {}
        self._answers: dict[str, str] = {}

    def find(self, cl_ord_id: str) -> Order | None:
        return self._ended.get(cl_ord_id)

    def find_number(self, number: int) -> Order | None:
        return self._orders.get(number)

    def find_fill(self, exec_id: str) -> Standing | None:
        found = (s for s in self._fills.values() if exec_id in (s.fill.exec_id, s.last_id))
        return next(found, None)

    def find_answer(self, cl_ord_id: str) -> str | None:
        return self._answers.get(cl_ord_id)

    def trades(self, symbol: str = "", limit: int = 100) -> list[Standing]:
        return [one for one in self._fills.values() if symbol in ("", one.fill.symbol)]

    def do(self, command: str, /, **given: object) -> dict[str, Any]:
        """A command at the control door; the reports it led to are in its answer."""
        answer = perform(self.market, {"do": command, **given}, self.now)
        self.taken()
        return answer

    def done(self, command: str, /, **given: object) -> list[Fields]:
        """A command that is not refused; the reports it led to."""
        answer = perform(self.market, {"do": command, **given}, self.now)
        assert answer["ok"], answer
        return [fields(report) for report in self.taken().reports]

    def ask(self, *texts: str) -> list[Fields]:
        return [fields(report) for report in self.effects(*texts).reports]

    def say(self, *texts: str) -> list[str]:
        return briefs(self.effects(*texts).reports)

    def effects(self, *texts: str) -> Effects:
        for text in texts:
            self.market.handle(read(text)[1], self.now, text)
        return self.taken()

    def taken(self) -> Effects:
        """What happened, remembered as a store would."""
        effects = self.market.take_effects()
        self._orders |= effects.orders
        self._ended |= {name: self._orders[number] for name, number in effects.names}
        self._fills |= {fill.exec_id: Standing(fill, fill.exec_id) for fill in effects.fills}
        for one in effects.corrections:
            before = self._fills[one.exec_id].fill
            fill = before._replace(quantity=one.quantity, price=one.price)
            self._fills[one.exec_id] = Standing(fill, one.report_id)
        self._answers |= effects.answers
        self.market.forget(effects)
        return effects
