"""What could be wrong with the kill switch."""

from typing import Any

from actors import kills, killswitch
from actors.kills import KillBegan
from actors.killswitch import KillSwitchState, Record
from actors.venue import killed as venue_killed
from infra.hosts import actor as host
from tests.sim.mutant import Planted, mutant


@mutant("all", (12,), 150)
def a_venue_connection_lets_a_new_order_through_under_a_kill() -> list[Planted]:
    right = venue_killed.over

    def over(venue: str, state: Any, request: Any) -> Any:
        return None if request.kind == "New" else right(venue, state, request)

    return [(venue_killed, "over", over)]


@mutant("killswitch,crash,zombie", (6, 1, 2, 3, 4), 150)
def a_kill_is_forgotten_at_a_restart() -> list[Planted]:
    right = host.recover

    def recover(*words: Any, **options: Any) -> Any:
        shell, owed = right(*words, **options)
        if shell.address.startswith(("venue/", "account/", "book/")):
            shell.actor.state.kills.clear()
        return shell, owed

    return [(host, "recover", recover), (KillSwitchState, "standing_for", lambda *_: ())]


@mutant("killswitch", (14, 1, 2, 3, 4), 150)
def a_kill_cancels_nothing() -> list[Planted]:
    right = venue_killed.cancel

    def cancel(venue: str, state: Any, now: Any) -> Any:
        for effect in right(venue, state, now):
            if type(effect).__name__ != "RequestTaken":
                yield effect
        return []

    return [(venue_killed, "cancel", cancel)]


@mutant("killswitch", (1, 2, 3, 4), 150)
def what_is_open_is_not_in_the_certificate() -> list[Planted]:
    return [(killswitch, "_orders", lambda record, by, orders: None)]


@mutant("killswitch", (1, 2, 3, 4), 150)
def a_kill_is_quiet_before_its_orders_are_over() -> list[Planted]:
    return [(Record, "quiet", property(lambda self: not self.awaited))]


@mutant("killswitch", (3, 1, 2, 4), 150)
def one_person_releases_their_own_kill() -> list[Planted]:
    return [(killswitch, "_not_releasable", lambda record, operator: "")]


@mutant("killswitch", (1, 2, 3, 4), 150)
def a_kill_stops_cancels_as_well() -> list[Planted]:
    def over(venue: str, state: Any, request: Any) -> Any:
        return venue_killed._standing(venue, state.kills, state.children[request.ChildID])

    return [(venue_killed, "over", over)]


@mutant("killswitch", (1, 2, 3, 4), 150)
def a_release_is_not_taken() -> list[Planted]:
    right = kills.news

    def news(state: Any, said: Any) -> Any:
        return (event for event in right(state, said) if isinstance(event, KillBegan))

    return [(kills, "news", news)]
