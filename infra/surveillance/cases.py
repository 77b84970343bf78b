"""Which acts are guilty of what, and which differ in the one respect that matters.

One row per pattern: its name, what somebody does who is guilty, what somebody does who is not.
"""

from collections.abc import Callable, Iterator
from random import Random

from infra.surveillance import acts_knowing as knowing
from infra.surveillance import acts_orders as orders
from infra.surveillance import acts_parties as parties
from infra.surveillance import acts_prices as prices
from infra.surveillance.stage import SECURITIES, Case, Stage

Act = Callable[[Stage], tuple[str, float]]

ACTS: dict[str, tuple[tuple[Act, ...], tuple[Act, ...]]] = {
    "wash_trade": (
        (
            parties.matches_its_own_order,
            parties.matches_its_other_account,
            parties.goes_round_in_circles,
            parties.goes_round_and_trades_a_little_else,
        ),
        (
            parties.two_customers_of_one_desk_meet,
            parties.once_there_and_back,
            parties.earns_the_spread,
            parties.buys_and_sells_other_amounts,
            parties.buys_and_sells_within_the_hour,
        ),
    ),
    "layering": (
        (
            orders.layers_and_trades,
            orders.layers_through_two_accounts,
            orders.layers_with_one_level_hit,
            orders.layers_and_cancels_slowly,
        ),
        (
            orders.layers_without_a_trade,
            orders.layers_and_somebody_else_trades,
            orders.two_levels_only,
            orders.a_small_layer,
            orders.layers_that_are_filled,
            orders.layers_cancelled_much_later,
        ),
    ),
    "spoofing": (
        (
            orders.spoofs,
            orders.spoofs_and_is_touched,
            orders.spoofs_in_two_trades,
            orders.spoofs_and_shrinks_the_order,
        ),
        (
            orders.a_large_order_that_trades,
            orders.a_large_order_that_stays,
            orders.a_large_order_and_a_trade_the_same_way,
            orders.a_large_order_not_much_larger,
            orders.a_large_order_alone,
        ),
    ),
    "quote_stuffing": (
        (orders.floods, orders.floods_with_a_fill, orders.floods_with_replaces),
        (
            orders.a_burst_that_trades,
            orders.a_basket_that_rests,
            orders.as_many_over_minutes,
            orders.a_few_at_once,
        ),
    ),
    "order_to_trade": (
        (orders.cancels_nearly_everything, orders.cancels_most_and_trades_once),
        (
            orders.cancels_half_and_trades_half,
            orders.cancels_a_few,
            orders.cancels_as_many_over_an_hour,
            orders.leaves_them_in_the_book,
        ),
    ),
    "marking_the_close": (
        (prices.marks_the_close, prices.marks_the_close_through_two_accounts),
        (
            prices.the_same_in_the_afternoon,
            prices.both_ways_at_the_close,
            prices.much_at_the_close_and_no_move,
            prices.much_at_the_close_against_the_market,
            prices.a_little_at_the_close,
        ),
    ),
    "ramping": (
        (prices.ramps, prices.ramps_with_a_pause),
        (
            prices.a_few_steps_only,
            prices.many_trades_and_no_move,
            prices.goes_with_the_crowd,
            prices.up_and_down,
            prices.is_hit_as_the_market_moves,
            prices.slowly_over_an_hour,
        ),
    ),
    "momentum_ignition": (
        (prices.ignites_and_reverses, prices.ignites_and_reverses_in_parts),
        (
            prices.a_burst_and_nothing_after,
            prices.a_burst_and_a_sale_much_later,
            prices.a_burst_that_moves_nothing,
            prices.a_burst_within_a_larger_one,
            prices.a_burst_and_more_of_the_same,
            prices.a_burst_and_a_little_back,
        ),
    ),
    "front_running": (
        (parties.house_runs_ahead, parties.employee_runs_ahead),
        (
            parties.house_is_on_the_other_side,
            parties.house_is_beyond_a_wall,
            parties.house_was_there_long_before,
            parties.house_comes_after_the_block,
            parties.the_order_is_no_block,
            parties.another_customer_was_before,
        ),
    ),
    "trading_ahead": (
        (
            parties.trades_ahead,
            parties.trades_ahead_and_fills_later,
            parties.trades_ahead_and_fills_worse,
            parties.trades_ahead_and_fills_some,
        ),
        (
            parties.customer_is_filled_too,
            parties.customer_is_filled_in_parts,
            parties.customer_is_an_institution,
            parties.customer_s_order_is_large,
            parties.no_knowledge_of_the_customer,
            parties.riskless_principal,
            parties.corrects_an_error,
            parties.customer_has_an_odd_lot,
            parties.price_would_not_satisfy,
            parties.customer_came_after,
        ),
    ),
    "restricted_dealing": (
        (
            knowing.employee_deals_while_listed,
            knowing.house_deals_while_listed,
            knowing.listed_customer_deals,
        ),
        (
            knowing.employee_deals_before_the_list,
            knowing.employee_deals_after_the_list,
            knowing.employee_deals_in_another_security,
            knowing.customer_deals_while_the_house_may_not,
        ),
    ),
    "insider_dealing": (
        (
            knowing.employee_knows,
            knowing.customer_knows,
            knowing.newcomer_knows,
            knowing.employee_knows_and_splits,
        ),
        (
            knowing.wrong_way_before_the_news,
            knowing.as_much_as_always_before_the_news,
            knowing.long_before_the_news,
            knowing.news_that_moves_nothing,
        ),
    ),
    "best_execution": (
        (knowing.is_served_badly, knowing.is_served_badly_against_the_quote),
        (
            knowing.is_served_a_little_worse,
            knowing.is_served_better,
            knowing.nobody_knows_the_market,
            knowing.the_market_had_moved,
            knowing.the_house_is_served_badly,
        ),
    ),
}


def cases(pattern: str, seed: int, count: int = 50) -> Iterator[Case]:
    """So many guilty and as many innocent, over all acts and bands in turn. KeyError: unknown."""
    for guilty, acts in zip((True, False), ACTS[pattern], strict=True):
        for index in range(count):
            draw = Random(f"{pattern} {guilty} {index} {seed}")
            act = acts[index % len(acts)]
            stage = Stage(draw, SECURITIES[index // len(acts) % len(SECURITIES)])
            owner, over = act(stage)
            yield stage.ends(pattern, guilty, act.__name__.replace("_", " "), owner, over)
