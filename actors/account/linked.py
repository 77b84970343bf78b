"""What an account knows of orders that hang together: lists and the links within them."""

from dataclasses import dataclass, field
from decimal import Decimal

from messages.fix import ContingencyType, ListOrderStatus
from messages.refusals import Refusal


@dataclass(slots=True)
class Link:
    """Orders that hang together; of OneTriggersTheOther the first triggers the others.

    ``fired``: the OrderID by which it did its work, which is done once. ``counted``: the CumQty up
    to which each order's fills were taken off the others, so a fill that is taken back changes
    nothing. ``owed``: by how much OrderQty is still to be reduced; negative what was too much,
    because quantities come in lots. ``stuck``: the venue refused, so the next fill tries again.
    ``again``: what was taken off an order and came back by a replace whose desk did not know of it.
    """

    kind: ContingencyType
    OrderIDs: tuple[str, ...]
    fired: str | None = None
    counted: dict[str, Decimal] = field(default_factory=dict)
    owed: dict[str, Decimal] = field(default_factory=dict)
    stuck: dict[str, None] = field(default_factory=dict)
    again: dict[str, Decimal] = field(default_factory=dict)


@dataclass(slots=True)
class OrderList:
    """A NewOrderList as it was answered. ``stuck``: whose cancel by us the venue has refused."""

    ListID: str
    kind: ContingencyType | None
    content: str
    OrderIDs: tuple[str, ...]
    ClOrdIDs: tuple[str, ...]
    links: list[Link] = field(default_factory=list)
    stuck: dict[str, None] = field(default_factory=dict)
    canceling: bool = False
    refusal: Refusal | None = None
    ExecIDs: tuple[str, ...] = ()

    def status(self, open_orders: int, untouched: bool) -> ListOrderStatus:
        """ListOrderStatus(431). ``untouched``: no venue has said anything of any order."""
        if self.refusal:
            return ListOrderStatus.Reject
        if not open_orders:
            return ListOrderStatus.AllDone
        if self.canceling:
            return ListOrderStatus.Cancelling
        if untouched:
            return ListOrderStatus.ReceivedForExecution
        return ListOrderStatus.Executing
