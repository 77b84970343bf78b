"""What could be wrong with the account and the venue connection."""

from decimal import Decimal
from typing import Any

from actors import compliance, rules
from actors.account import booking, contingency, evolve, fills, intake, lists
from actors.account import state as account_state
from actors.actor import Send
from actors.book import evolve as book_evolve
from actors.book import working
from actors.book.state import Work as BookWork
from actors.compliance import Compliance
from actors.rulebook.keeper import RuleBookKeeper
from actors.rulebook.state import RuleBookState
from actors.venue import answers, upward
from actors.venue import evolve as venue_evolve
from actors.venue.venue import Venue
from infra.hosts import actor as host
from messages import events as ev
from messages.fix import ExecType, OrdStatus
from messages.routing import NewOrder
from tests.sim.mutant import Planted, mutant

# ---- the account


@mutant("none", (2, 1, 3, 4))
def a_clordid_makes_a_second_order() -> list[Planted]:
    right = intake.again

    def again(account: str, state: Any, desk: str, clordid: str, *more: Any, **named: Any) -> Any:
        del state.spoken[f"{desk} {clordid}"]
        return right(account, state, desk, clordid, *more, **named)

    return [(intake, "again", again)]


@mutant()
def reserved_money_is_not_released() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is not OrdStatus.Canceled:
            right(state, order)

    return [(evolve, "_settle", settle)]


@mutant()
def reserved_money_is_released_twice() -> list[Planted]:
    right = evolve._settle

    def settle(state: Any, order: Any) -> None:
        if order.status is OrdStatus.Canceled:
            currency = state.instruments[order.terms.Symbol].Currency
            state.reserved[currency] = state.reserved.get(currency, 0) - order.reserved
        right(state, order)

    return [(evolve, "_settle", settle)]


@mutant("none", (2, 1, 3, 4))
def a_late_fill_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status in (OrdStatus.Canceled, OrdStatus.Expired):
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant()
def a_fill_before_new_is_dropped() -> list[Planted]:
    right = booking._filled

    def filled(account: str, state: Any, order: Any, *more: Any) -> Any:
        if order.status is OrdStatus.PendingNew:
            return
        yield from right(account, state, order, *more)

    return [(booking, "_filled", filled)]


@mutant()
def a_bust_leaves_the_position() -> list[Planted]:
    return [(fills, "_rebuild", lambda state, symbol: None)]


@mutant()
def a_correction_is_added_to_the_fill() -> list[Planted]:
    right = fills.correct

    def correct(state: Any, event: Any) -> None:
        right(state, event)
        state.orders[event.OrderID].cum_qty += event.LastQty

    return [(fills, "correct", correct)]


@mutant()
def a_sale_adds_to_the_position() -> list[Planted]:
    right = account_state.Position.book

    def book(self: Any, quantity: Any, amount: Any) -> None:
        right(self, abs(quantity), amount)

    return [(account_state.Position, "book", book)]


@mutant()
def a_refused_cancel_is_not_told() -> list[Planted]:
    right = booking._requests_ended

    def ended(account: str, order: Any, requests: Any, now: Any) -> Any:
        yield from right(account, order, requests[1:], now)

    return [(booking, "_requests_ended", ended)]


@mutant()
def a_replace_keeps_the_old_quantity() -> list[Planted]:
    right = evolve._change_terms

    def change(order: Any, order_qty: Any, price: Any) -> None:
        right(order, min(order_qty, Decimal(50)) if order_qty else None, price)

    return [(evolve, "_change_terms", change)]


def _without(name: str) -> list[Planted]:
    return [(rules, "RULES", tuple(rule for rule in rules.RULES if rule.name != name))]


@mutant(orders=300)
def more_of_a_shared_limit_is_lent_than_there_is() -> list[Planted]:
    return [(RuleBookState, "limit", lambda state, pool: Decimal(1_000_000))]


@mutant("rules", (2, 1, 3, 4), 120)
def a_version_of_the_rule_book_is_not_issued() -> list[Planted]:
    return [(RuleBookKeeper, "_issue", lambda keeper, recipients: iter(()))]


@mutant(orders=120)
def an_account_spends_of_a_shared_limit_what_it_was_not_lent() -> list[Planted]:
    return _without("shared_exposure")


@mutant()
def a_restricted_symbol_is_traded() -> list[Planted]:
    return _without("restricted")


@mutant("none", (4, 1, 2, 3))
def an_order_may_be_of_any_size() -> list[Planted]:
    return _without("order_size")


@mutant("none", (18, 26, 48), 60)
def anybody_may_trade_any_account() -> list[Planted]:
    return _without("desk_may_trade")


@mutant()
def reports_go_to_the_first_desk() -> list[Planted]:
    right = booking._acknowledged

    def acknowledged(account: str, order: Any, *more: Any) -> Any:
        for effect in right(account, order, *more):
            wrong = isinstance(effect, Send) and account == "bravo"
            yield effect._replace(recipient="desk/blue") if wrong else effect

    return [(booking, "WORDS", {**booking.WORDS, ExecType.New: acknowledged})]


@mutant()
def a_mass_cancel_is_answered_by_one_account() -> list[Planted]:
    right = intake.mass_cancel.mass_cancel

    def mass_cancel(account: str, state: Any, desk: str, request: Any, now: Any) -> Any:
        if request.Account is None and account != "bravo":
            return
        yield from right(account, state, desk, request, now)

    return [(intake.mass_cancel, "mass_cancel", mass_cancel)]


@mutant("none", (2, 1, 3, 4))
def the_other_leg_is_not_cancelled() -> list[Planted]:
    def cancel(*_: Any) -> Any:
        return iter(())

    return [(contingency, "cancel", cancel)]


@mutant("none", (2, 1, 3, 4))
def an_order_that_waits_is_never_released() -> list[Planted]:
    return [(contingency, "_one_triggers", lambda *_: iter(()))]


@mutant("none", (3, 1, 2, 4))
def an_order_that_waits_is_sent_at_once() -> list[Planted]:
    right = lists.new

    def new(account: str, state: Any, said: Any, request: Any, now: Any) -> Any:
        for effect in right(account, state, said, request, now):
            yield effect
            if type(effect).__name__ == "OrderHeld":
                order = state.orders[effect.OrderID]
                message = NewOrder(OrderID=order.OrderID, Account=account, Terms=order.terms)
                yield Send(f"book/{order.terms.Symbol}", message)

    return [(intake.lists, "new", new)]


# ---- the book


@mutant("none", (2, 1, 3, 4))
def a_book_sends_the_next_child_too_soon() -> list[Planted]:
    return [(BookWork, "busy", property(lambda self: None))]


@mutant("none", (11,))
def a_book_forgets_what_was_filled() -> list[Planted]:
    right = book_evolve._child_executed

    def executed(parent: Any, work: Any, child: Any, event: Any) -> None:
        before = parent.cum_qty
        right(parent, work, child, event)
        if event.ExecType is ExecType.Trade and len(work.children) > 1:
            parent.cum_qty = before

    return [(book_evolve, "_child_executed", executed)]


@mutant("none", (4, 1, 2, 3), 100)
def a_dated_order_never_expires() -> list[Planted]:
    return [(working, "expire", lambda state, now: iter(()))]


@mutant()
def a_stop_order_is_sent_without_its_trigger() -> list[Planted]:
    def watch(state: Any, parent: Any, work: Any, now: Any) -> Any:
        yield ev.OrderTriggered(
            OrderID=parent.OrderID, Price=Decimal(1), StopPx=work.terms.StopPx or Decimal(1)
        )

    return [(working, "_watch", watch)]


# ---- the venue connection


@mutant()
def an_execution_counts_each_time_it_is_said() -> list[Planted]:
    right = venue_evolve._executed

    def executed(state: Any, event: Any) -> None:
        right(state, event)
        state.exec_ids.pop(event.ExecID, None)

    return [(venue_evolve, "_executed", executed)]


@mutant("all", (7,), 60)
def what_is_in_doubt_is_not_asked_about() -> list[Planted]:
    return [(Venue, "_ask", lambda self, request, now: iter(()))]


@mutant("venue,crash", (22,), 60)
def time_without_an_answer_is_taken_for_a_cancel() -> list[Planted]:
    def ask(self: Any, request: Any, now: Any) -> Any:
        child = self.state.children[request.ChildID]
        yield from answers.never_sent(self.name, child, request.RequestID or "none", now)

    return [(Venue, "_ask", ask)]


@mutant("crash", (14, 3, 11), 60)
def what_is_in_doubt_is_forgotten_at_a_restart() -> list[Planted]:
    right = host.recover

    def recover(*words: Any, **options: Any) -> Any:
        shell, owed = right(*words, **options)
        if shell.address.startswith("venue/"):
            shell.actor.state.unanswered.clear()
        return shell, owed

    return [(host, "recover", recover)]


@mutant("venue,crash", (3, 23, 31), 60)
def what_is_in_doubt_is_sent_again_as_new() -> list[Planted]:
    right = Venue._ask

    def ask(self: Any, request: Any, now: Any) -> Any:
        if request.kind == "New":
            yield from self._send(request, now)
        else:
            yield from right(self, request, now)

    return [(Venue, "_ask", ask)]


@mutant("none", (2, 1, 3, 4))
def an_order_by_telephone_is_adopted_each_time() -> list[Planted]:
    right = answers._request_of

    def request_of(state: Any, said: Any) -> Any:
        return right(state, said) if said.ClOrdID else None

    return [(answers, "_request_of", request_of)]


@mutant("none", (2, 1, 3, 4))
def an_order_by_telephone_is_left_alone() -> list[Planted]:
    return [(answers.adopt, "possible", lambda state, said: False)]


@mutant()
def a_correction_is_taken_for_a_fill() -> list[Planted]:
    right = upward.executed

    def executed(venue: str, child: Any, kind: Any, *more: Any, **named: Any) -> Any:
        wrong = ExecType.Trade if kind is ExecType.TradeCorrect else kind
        return right(venue, child, wrong, *more, **named)

    return [(answers.upward, "executed", executed)]


# ---- compliance


@mutant()
def of_a_run_one_copy_is_counted() -> list[Planted]:
    right = Compliance.receive

    def receive(self: Any, message: Any, now: Any) -> Any:
        for event in right(self, message, now):
            few = len(message) > 1 and type(event).__name__ == "EntryAudited"
            yield event.model_copy(update={"Number": event.First}) if few else event

    return [(Compliance, "receive", receive)]


@mutant()
def exec_ids_repeat() -> list[Planted]:
    right = evolve._count_exec

    def count(state: Any, exec_id: str | None) -> None:
        if state.exec_count % 17:
            right(state, exec_id)
        elif exec_id:
            state.exec_count += state.order_count % 2

    return [(evolve, "_count_exec", count)]


@mutant("none", (2, 1, 3, 4))
def an_expired_order_is_kept_open() -> list[Planted]:
    right = booking.execution

    def execution(account: str, state: Any, said: Any, now: Any) -> Any:
        if said.ExecType is not ExecType.Expired:
            yield from right(account, state, said, now)

    return [(booking, "execution", execution)]


@mutant()
def compliance_misses_an_entry_now_and_then() -> list[Planted]:
    right = host.copy_for

    def copy_for(compliance: str, actor: str, entry: Any) -> Any:
        envelope = right(compliance, actor, entry)
        body = envelope.body
        if entry.number % 50 == 49:
            body = body.replace(b'"OrderFilled"', b'"BreakFound","OrderID":"","What":""}', 1)
        return envelope._replace(body=body)

    return [(host, "copy_for", copy_for)]


@mutant()
def surveillance_is_not_told_of_a_fill_now_and_then() -> list[Planted]:
    right = compliance.sightings

    def sightings(copy: Any) -> Any:
        for seen in right(copy):
            if type(seen).__name__ != "FillSeen" or copy.Number % 20:
                yield seen

    return [(compliance, "sightings", sightings)]
