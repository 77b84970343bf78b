"""What happens at a venue by itself: trades, quotes, halts, the end of a day, a change of mind."""

from collections.abc import Callable
from decimal import Decimal

from infra.ledger import VenueChange, VenueFill
from infra.sim.exchange import Exchange
from infra.sim.resting import LASTS, ZERO, Resting
from messages import venue as wire
from messages.fix import (
    ExecRestatementReason,
    ExecType,
    OrdStatus,
    OrdType,
    SecurityTradingStatus,
    Side,
)

LOWEST, HIGHEST = Decimal("9.30"), Decimal("10.70")
LAST_DAY = 27


def act(exchange: Exchange) -> None:
    """Something: an answer or a trade, rarely anything else."""
    if exchange.dated:
        _expire(exchange)
    luck = exchange.random.random()
    if exchange.waiting and luck < (0.4 if exchange.live else 1.0):
        at = exchange.random.randrange(len(exchange.waiting))
        exchange.decide(exchange.waiting.pop(at))
        return
    if exchange.random.random() < 0.15:
        _walk(exchange)
    luck = exchange.random.random()
    if luck < 0.88:
        _deal(exchange)
        return
    for share, happens in HAPPENS:
        luck -= share
        if luck < 0.88:
            happens(exchange)
            return


def close(exchange: Exchange) -> None:
    """The last day ends: every request is answered and every order is over."""
    while exchange.waiting:
        exchange.decide(exchange.waiting.pop(0))
    for order in list(exchange.orders.values()):
        if order.working or order.asleep:
            exchange.end(order, ExecType.Expired)


def resume(exchange: Exchange) -> None:
    """Nothing is halted any more, and nothing sleeps."""
    for symbol in list(exchange.halted):
        _halt_or_resume(exchange, symbol)
    _morning(exchange)
    exchange.calm = True


def _expire(exchange: Exchange) -> None:
    """What is past its date is over."""
    for order in list(exchange.dated.values()):
        if order.expires is None or not (order.working or order.asleep):
            del exchange.dated[order.order_id]
        elif order.expires <= exchange.now:
            exchange.end(order, ExecType.Expired)


def _deal(exchange: Exchange) -> None:
    able = [o for o in exchange.live.values() if o.symbol not in exchange.halted]
    if not able:
        return
    order = exchange.random.choice(able)
    if order.waits:
        order.waits = False
        exchange.report(order, ExecType.Triggered)
        return
    exchange.trade(order, exchange.part(order) if exchange.random.random() < 0.3 else order.left)


def _walk(exchange: Exchange) -> None:
    """The market moves, and who listens hears of it."""
    symbol = exchange.random.choice(list(exchange.multiplier))
    step = Decimal(exchange.random.randint(-20, 20)) / 100
    low, high = exchange.range(symbol)
    px = exchange.px[symbol] = min(HIGHEST, max(LOWEST, exchange.market(symbol) + step))
    exchange.lows[symbol], exchange.highs[symbol] = min(low, px), max(high, px)
    for name, symbols in list(exchange.listens.items()):
        if symbol in symbols and exchange.line:
            exchange.quote(name)


def _change_a_fill(exchange: Exchange) -> None:
    """A bust or a correction of one of the latest fills."""
    if not exchange.fills:
        return
    exec_id = exchange.random.choice(list(exchange.fills)[-50:])
    order, fill = exchange.fills[exec_id]
    ref = order.last_exec.get(exec_id, exec_id)
    exchange.happened["after the fact"] += 1
    if exchange.random.random() < 0.5:
        del exchange.fills[exec_id]
        exchange.changes.append(VenueChange(exchange.venue, ref, ZERO, ZERO))
        order.cum -= fill.last_qty
        exchange.settle(order)
        exchange.report(order, ExecType.TradeCancel, ref=ref, last=(ZERO, ZERO))
        return
    px = fill.last_px - Decimal("0.01") * fill.side.sign
    exchange.fills[exec_id] = (
        order,
        VenueFill(fill.venue, exec_id, fill.clordid, fill.symbol, fill.side, fill.last_qty, px),
    )
    exchange.changes.append(VenueChange(exchange.venue, ref, fill.last_qty, px))
    new = order.last_exec[exec_id] = exchange.next_exec_id()
    last = fill.last_qty, px
    exchange.report(order, ExecType.TradeCorrect, exec_id=new, ref=ref, last=last)


def _late_fill(exchange: Exchange) -> None:
    """It traded before the cancel came, and the report took its time."""
    if exchange.canceled:
        order = exchange.canceled.pop()
        if order.qty - order.cum > 1 and not (order.whole or order.least or order.waits):
            exchange.trade(order, Decimal(1))


def _restate(exchange: Exchange) -> None:
    """The venue takes less than was asked."""
    able = [o for o in exchange.live.values() if o.left > 1 + o.least]
    if able:
        order = exchange.random.choice(able)
        order.qty -= Decimal(exchange.random.randint(1, int(order.left - order.least) - 1))
        order.most = order.qty
        why = ExecRestatementReason.PartialDeclineOfOrderQty
        exchange.report(order, ExecType.Restated, why=why)


def _unsolicited(exchange: Exchange) -> None:
    if exchange.live:
        order = exchange.random.choice(list(exchange.live.values()))
        exchange.end(order, exchange.random.choice((ExecType.Canceled, ExecType.Expired)))


def _halt(exchange: Exchange) -> None:
    if not exchange.calm:
        _halt_or_resume(exchange, exchange.random.choice(list(exchange.multiplier)))


def _halt_or_resume(exchange: Exchange, symbol: str) -> None:
    if symbol in exchange.halted:
        del exchange.halted[symbol]
        status = SecurityTradingStatus.Resume
    else:
        exchange.halted[symbol] = None
        status = SecurityTradingStatus.Halt
    exchange.happened["halts"] += status is SecurityTradingStatus.Halt
    exchange.say(
        wire.VenueSecurityStatus(
            Symbol=symbol, SecurityTradingStatus=status, TransactTime=exchange.now
        )
    )


def _telephoned(exchange: Exchange) -> None:
    """Somebody rings up."""
    if exchange.calm or not exchange.accounts:
        return
    random = exchange.random
    exchange.telephone(
        Resting(
            f"T{exchange.venue}{len(exchange.orders)}", [], random.choice(exchange.accounts),
            random.choice(list(exchange.multiplier)), random.choice(list(Side)),
            Decimal(random.randint(1, 50)), Decimal(random.randint(950, 1050)) / 100,
            OrdType.Limit,
        )
    )  # fmt: skip


def _day_turns(exchange: Exchange) -> None:
    """In the evening what is good for the day is over, the rest sleeps; in the morning it wakes."""
    if exchange.calm or exchange.day >= LAST_DAY:
        return
    asleep = any(order.asleep for order in exchange.orders.values())
    if asleep:
        _morning(exchange)
        return
    for order in list(exchange.live.values()):
        if order.lasting in LASTS or exchange.random.random() < 0.5:
            exchange.end(order, ExecType.DoneForDay)
        else:
            exchange.end(order, ExecType.Expired)


def _morning(exchange: Exchange) -> None:
    asleep = [order for order in exchange.orders.values() if order.asleep]
    if not asleep:
        return
    exchange.day += 1
    exchange.happened["days"] += 1
    for order in asleep:
        order.status = OrdStatus.New
        exchange.settle(order)
        exchange.report(order, ExecType.Restated, why=ExecRestatementReason.GTRenewal)


def _again(exchange: Exchange) -> None:
    """Something that was said a while ago, once more."""
    said = exchange.random.choice(exchange.said[-40:]) if exchange.said else None
    if isinstance(said, wire.VenueExecution) and said.ExecID != "0":
        exchange.happened["repeated"] += 1
        exchange.say(said)


HAPPENS: tuple[tuple[float, Callable[[Exchange], None]], ...] = (
    (0.030, _change_a_fill),
    (0.010, _late_fill),
    (0.025, _restate),
    (0.015, _unsolicited),
    (0.015, _again),
    (0.008, _halt),
    (0.008, _telephoned),
    (0.009, _day_turns),
)
"""How often; together 0.12, what trades leave."""
