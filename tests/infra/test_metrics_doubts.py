"""A doubt is over with the venue's word, also for eyes that did not see the order begin."""

import pytest

from messages import events as ev
from messages.fix import ExecType
from tests.infra.test_metrics_entries import child_taken, executed
from tests.infra.test_metrics_open_orders import after


@pytest.mark.parametrize("kind", [ExecType.New, ExecType.Trade, ExecType.Canceled])
@pytest.mark.parametrize("seen", [True, False])
def test_any_word_on_an_order_ends_the_doubt_about_it(kind: ExecType, seen: bool) -> None:
    word = executed(kind, 40 if kind is ExecType.Trade else None)
    begun = [child_taken()] if seen else []
    assert after(*begun, ev.WentInDoubt(ClOrdID=word.ClOrdID)).in_doubt == {word.ClOrdID}
    assert after(*begun, ev.WentInDoubt(ClOrdID=word.ClOrdID), word).in_doubt == set()
