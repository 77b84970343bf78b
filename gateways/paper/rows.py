"""Orders and fills as rows of the store, and back."""

from decimal import Decimal
from typing import Any

from gateways.paper.conditions import Conditions
from gateways.paper.effects import Fill, Standing
from gateways.paper.orders import Order, OrdStatus

ORDER = (
    "number, cl_ord_id, account, symbol, side, ord_type, time_in_force, order_qty, price,"
    " leaves_qty, cum_qty, notional, status, priority, conditions"
)
OPEN = "status IN ('0', '1', '3', '7')"
STANDING = (
    "SELECT e.exec_id, e.cl_ord_id, e.number, e.symbol, e.side, coalesce(c.quantity, e.quantity),"
    " coalesce(c.price, e.price), e.time, coalesce(c.report_id, e.exec_id) FROM executions e"
    " LEFT JOIN corrections c ON c.id ="
    " (SELECT max(id) FROM corrections WHERE exec_id = e.exec_id)"
)


def row_of(order: Order) -> tuple[Any, ...]:
    """The values of ``ORDER``."""
    return (
        order.number,
        order.cl_ord_id,
        order.account,
        order.symbol,
        order.side,
        order.ord_type,
        order.time_in_force,
        f"{order.order_qty:f}",
        None if order.price is None else f"{order.price:f}",
        f"{order.leaves_qty:f}",
        f"{order.cum_qty:f}",
        f"{order.notional:f}",
        order.status.value,
        order.priority,
        None if order.conditions is None else order.conditions.text(),
    )


def order_of(row: Any) -> Order:
    """The order in a row of ``ORDER``, without its names."""
    number, cl_ord_id, account, symbol, side, ord_type, time_in_force, *numbers = row
    order_qty, price, leaves_qty, cum_qty, notional, status, priority, conditions = numbers
    return Order(
        number,
        cl_ord_id,
        account,
        symbol,
        side,
        ord_type,
        time_in_force,
        Decimal(order_qty),
        None if price is None else Decimal(price),
        Decimal(leaves_qty),
        Decimal(cum_qty),
        Decimal(notional),
        OrdStatus(status),
        priority,
        conditions=None if conditions is None else Conditions.of(conditions),
    )


def standing_of(row: Any) -> Standing:
    """The fill in a row of ``STANDING``."""
    exec_id, cl_ord_id, number, symbol, side, quantity, price, time, last_id = row
    fill = Fill(exec_id, cl_ord_id, number, symbol, side, Decimal(quantity), Decimal(price), time)
    return Standing(fill, last_id)
