"""What could be wrong with the account and the venue connection."""

from typing import Any

from actors.account import booking, evolve, fills, intake
from actors.account import state as account_state
from actors.venue import answers
from actors.venue import evolve as venue_evolve
from actors.venue.venue import Venue
from infra.hosts.actor import ActorHost
from messages.fix import ExecType, OrdStatus
from tests.sim.mutant import Planted, mutant

# ---- the account


@mutant
def a_clordid_makes_a_second_order() -> list[Planted]:
    right = intake.again

    def again(account: str, state: Any, desk: str, clordid: str, *more: Any, **named: Any) -> Any:
        del state.spoken[f"{desk} {clordid}"]
        return right(account, state, desk, clordid, *more, **named)

    return [(intake, "again", again)]


@mutant
def reserved_money_is_not_released() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is not OrdStatus.Canceled:
            right(state, order)

    return [(evolve, "_settle", settle)]


@mutant
def reserved_money_is_released_twice() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is OrdStatus.Canceled:
            currency = state.instruments[order.terms.Symbol].Currency
            state.reserved[currency] = state.reserved.get(currency, 0) - order.reserved
        right(state, order)

    return [(evolve, "_settle", settle)]


@mutant
def a_late_fill_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status in (OrdStatus.Canceled, OrdStatus.Expired):
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant
def a_fill_before_new_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status is OrdStatus.PendingNew:
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant
def a_bust_leaves_the_position() -> list[Planted]:
    return [(fills, "_rebuild", lambda state, symbol: None)]


@mutant
def a_correction_is_added_to_the_fill() -> list[Planted]:
    right = fills.correct

    def correct(state: Any, event: Any) -> None:
        right(state, event)
        state.orders[event.OrderID].cum_qty += event.LastQty

    return [(fills, "correct", correct)]


@mutant
def a_sale_adds_to_the_position() -> list[Planted]:
    right = account_state.Position.book

    def book(self: Any, quantity: Any, amount: Any) -> None:
        right(self, abs(quantity), amount)

    return [(account_state.Position, "book", book)]


@mutant
def a_refused_cancel_is_not_told() -> list[Planted]:
    right = booking._requests_ended

    def ended(account: str, order: Any, requests: Any, now: Any) -> Any:
        yield from right(account, order, requests[1:], now)

    return [(booking, "_requests_ended", ended)]


# ---- the venue connection


@mutant
def an_execution_counts_each_time_it_is_said() -> list[Planted]:
    right = venue_evolve._executed

    def executed(state: Any, event: Any) -> None:
        right(state, event)
        state.exec_ids.pop(event.ExecID, None)

    return [(venue_evolve, "_executed", executed)]


@mutant
def what_is_in_doubt_is_not_asked_about() -> list[Planted]:
    return [(Venue, "_ask", lambda self, request, now: iter(()))]


@mutant
def time_without_an_answer_is_taken_for_a_cancel() -> list[Planted]:
    def ask(self: Any, request: Any, now: Any) -> Any:
        child = self.state.children[request.ChildID]
        yield from answers.never_sent(self.name, child, request.RequestID or "none", now)

    return [(Venue, "_ask", ask)]


@mutant
def exec_ids_repeat() -> list[Planted]:
    right = evolve._count_exec

    def count(state: Any, exec_id: str | None) -> None:
        if state.exec_count % 17:
            right(state, exec_id)
        elif exec_id:
            state.exec_count += state.order_count % 2

    return [(evolve, "_count_exec", count)]


@mutant
def an_expired_order_is_kept_open() -> list[Planted]:
    right = booking.execution

    def execution(account: str, state: Any, said: Any, now: Any) -> Any:
        if said.ExecType is not ExecType.Expired:
            yield from right(account, state, said, now)

    return [(booking, "execution", execution)]


@mutant
def compliance_misses_an_entry_now_and_then() -> list[Planted]:
    right = ActorHost._copy

    def copy(self: Any, entry: Any) -> Any:
        envelope = right(self, entry)
        body = envelope.body
        if entry.number % 50 == 49:
            body = body.replace(b'"OrderFilled"', b'"BreakFound","OrderID":"","What":""}', 1)
        return envelope._replace(body=body)

    return [(ActorHost, "_copy", copy)]
