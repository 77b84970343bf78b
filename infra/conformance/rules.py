"""A small model of FIX's rules over the rows of one order: what a report ought to say.

Used where the venue must state more than a row does (AvgPx), and where a file says that its
published row contradicts the published rules: there, either value is right. It learns from the
rows alone, never from the system under test.
"""

from dataclasses import dataclass, field
from decimal import Decimal

from infra.conformance.scenarios import Row

ZERO = Decimal(0)

PRECEDENCE = {
    "6": 11, "E": 10, "3": 9, "B": 8, "2": 7, "7": 6, "9": 5,
    "4": 4, "C": 4, "1": 3, "0": 2, "8": 2, "A": 2, "D": 1,
}  # fmt: skip
"""OrdStatus: an order in several states reports the highest (FIX volume 4, ExecutionReport)."""

ENDS = frozenset("48C")
KEPT = ENDS | frozenset("379B")
"""States that quantities do not decide."""

PENDING = frozenset("6E")
FILLS, UNDOES = frozenset("FG"), frozenset("GH")
ACCEPTS = frozenset("05D")
"""ExecTypes with which the venue says what OrderQty it works."""


@dataclass
class Modeled:
    """One order as the rows so far have told it. Labels are those of the file."""

    qty: Decimal = ZERO
    cum: Decimal = ZERO
    state: str = ""
    pending: dict[str, str] = field(default_factory=dict)
    fills: dict[str, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def told(self, row: Row, fill_px: Decimal) -> None:
        """Take in an ``out`` row; ``fill_px`` where it states no LastPx."""
        get = row.fields.get
        label = get("ClOrdID", "")
        if row.msg != "ExecutionReport":
            self.pending.pop(label, None)
            return
        exec_type, status = get("ExecType", ""), get("OrdStatus", "")
        if exec_type == "I" or (exec_type == "8" and status != "8"):
            return  # an answer, or the refusal of a duplicate: nothing happened to this order
        if exec_type in PENDING:
            self.pending[label] = exec_type
            return
        moved = self._filled(row, exec_type, fill_px)
        self.cum = Decimal(get("CumQty", str(self.cum + moved)))
        if exec_type in ACCEPTS:
            self.qty = Decimal(get("OrderQty", str(self.qty)))
        if exec_type in ("4", "5"):
            self.pending.pop(label, None)
        self._moved(exec_type, status)

    def _filled(self, row: Row, exec_type: str, fill_px: Decimal) -> Decimal:
        """Keep the fills that stand; by how much CumQty moved."""
        get = row.fields.get
        name = get("ExecID", f"row {row.number}")
        quantity, px = Decimal(get("LastQty", "0")), Decimal(get("LastPx", str(fill_px)))
        before = sum((qty for qty, _ in self.fills.values()), ZERO)
        if exec_type in UNDOES:
            self.fills.pop(get("ExecRefID", ""), None)
        if exec_type in FILLS:
            self.fills[name] = quantity, px
        return sum((qty for qty, _ in self.fills.values()), ZERO) - before

    def _moved(self, exec_type: str, status: str) -> None:
        if exec_type in ACCEPTS:
            self.state = ""
        if status in KEPT and exec_type not in UNDOES:
            self.state = status
        if self.state in ENDS:
            self.pending.clear()

    @staticmethod
    def quantity(terms: dict[str, str]) -> Decimal:
        """OrderQty of a desk's terms; 0 while only CashOrderQty is known."""
        return Decimal(terms.get("OrderQty", "0"))

    @property
    def over(self) -> bool:
        """Whether nothing of the order is left to end."""
        return self.state in ENDS or self.cum >= self.qty > 0

    @property
    def status(self) -> str:
        """OrdStatus by precedence over all states that hold."""
        filled = "2" if self.cum >= self.qty > 0 else "1" if self.cum else "0"
        held = [self.state or filled, *self.pending.values()]
        return max(held, key=PRECEDENCE.__getitem__)

    @property
    def leaves(self) -> Decimal:
        """LeavesQty: 0 once the order has ended."""
        return ZERO if self.state in ENDS else max(ZERO, self.qty - self.cum)

    @property
    def avg_px(self) -> Decimal:
        """AvgPx over the fills that stand."""
        paid = sum((qty * px for qty, px in self.fills.values()), ZERO)
        return (paid / self.cum).quantize(Decimal("1e-8")).normalize() if self.cum else ZERO

    def by_rule(self) -> dict[str, str]:
        """The fields that a conflicting row may get wrong."""
        return {
            "OrdStatus": self.status,
            "OrderQty": str(self.qty),
            "LeavesQty": str(self.leaves),
        }
