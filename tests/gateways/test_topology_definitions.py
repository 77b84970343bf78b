"""What the topology allows, read from the definitions alone."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateways.amqp import topology

DESK_NAMES = st.from_regex(topology.DESK_NAME, fullmatch=True).filter(
    lambda name: name not in topology.RESERVED
)


def passwords(*desks: str, bench: bool = False) -> dict[str, str]:
    return {user: f"password of {user}" for user in topology.users(desks, bench=bench)}


def permissions(definitions: dict[str, Any]) -> dict[str, dict[str, str]]:
    return {entry["user"]: entry for entry in definitions["permissions"]}


def test_a_password_hash_is_the_one_in_rabbitmqs_documentation() -> None:
    salted = topology.hash_password("test12", bytes.fromhex("908DC60A"))
    assert salted == "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"


def test_the_same_password_hashes_differently_for_every_user() -> None:
    same = dict.fromkeys(topology.users(["a", "b"]), "same")
    users = topology.definitions(["a", "b"], 2, same)["users"]
    assert len({user["password_hash"] for user in users}) == len(users) == 4


@given(st.lists(DESK_NAMES, min_size=2, max_size=6, unique=True))
def test_no_desk_may_write_or_read_what_belongs_to_anybody_else(desks: list[str]) -> None:
    made = topology.definitions(desks, 3, passwords(*desks, bench=True), bench=True)
    may = permissions(made)
    exchanges = [exchange["name"] for exchange in made["exchanges"]] + ["amq.default"]
    queues = [queue["name"] for queue in made["queues"]]
    for desk in desks:
        writable = [name for name in exchanges if re.search(may[desk]["write"], name)]
        readable = [name for name in queues if re.search(may[desk]["read"], name)]
        assert writable == [topology.orders_exchange(desk)]
        assert readable == [topology.reports_queue(desk)]


def test_nobody_may_declare_or_delete_anything() -> None:
    made = topology.definitions(["a"], 2, passwords("a", bench=True), bench=True)
    assert {entry["configure"] for entry in made["permissions"]} == {"^$"}


def test_the_gateway_reads_every_shard_and_no_reports() -> None:
    may = permissions(topology.definitions(["a"], 12, passwords("a")))[topology.GATEWAY]
    assert all(re.search(may["read"], topology.shard_queue(shard)) for shard in range(12))
    assert not re.search(may["read"], topology.reports_queue("a"))
    assert not re.search(may["write"], topology.orders_exchange("a"))


def test_every_queue_is_a_quorum_queue_with_limits_and_somewhere_to_go() -> None:
    made = topology.definitions(["a", "b"], 2, passwords("a", "b"))
    for queue in made["queues"]:
        assert queue["arguments"]["x-queue-type"] == "quorum"
        assert queue["durable"] is True
        matching = [
            policy["definition"]
            for policy in made["policies"]
            if re.search(policy["pattern"], queue["name"])
        ]
        assert len(matching) == 1, "two policies of one priority: the broker would pick either"
        if queue["name"] != topology.DEAD_QUEUE:
            assert matching[0]["dead-letter-exchange"] == topology.DEAD_EXCHANGE
            assert matching[0]["dead-letter-strategy"] == "at-least-once"
            assert matching[0]["overflow"] == "reject-publish"


def test_only_shards_hand_all_deliveries_to_one_consumer_at_a_time() -> None:
    queues = topology.definitions(["a"], 2, passwords("a"))["queues"]
    single = [q["name"] for q in queues if q["arguments"].get("x-single-active-consumer")]
    assert single == ["orders.0", "orders.1"]


def test_every_binding_joins_two_things_that_are_defined() -> None:
    made = topology.definitions(["a", "b"], 3, passwords("a", "b", bench=True), bench=True)
    names = {kind: {x["name"] for x in made[f"{kind}s"]} for kind in ("exchange", "queue")}
    for binding in made["bindings"]:
        assert binding["source"] in names["exchange"]
        assert binding["destination"] in names[binding["destination_type"]]
    reached = {b["destination"] for b in made["bindings"] if b["destination_type"] == "queue"}
    assert reached == names["queue"]


def test_bench_objects_exist_only_when_asked_for() -> None:
    text = json.dumps(topology.definitions(["a"], 1, passwords("a")))
    assert "echo" not in text
    assert topology.BENCH not in text


def test_a_retired_user_is_left_without_a_password() -> None:
    made = topology.definitions(["a"], 1, passwords("a"), retired=["gone"])
    assert [u["password_hash"] for u in made["users"] if u["name"] == "gone"] == [""]
    assert "gone" not in permissions(made)


def test_only_desks_are_limited_in_connections_and_channels() -> None:
    users = topology.definitions(["a"], 1, passwords("a"))["users"]
    assert {u["name"]: u["limits"] for u in users if u["limits"]} == {
        "a": {"max-connections": 4, "max-channels": 16}
    }


@pytest.mark.parametrize("name", ["shard", "gateway", "operator", "bench", "guest"])
def test_a_desk_cannot_take_a_reserved_name(name: str) -> None:
    with pytest.raises(ValueError, match="is reserved"):
        topology.definitions([name], 1, passwords(name))


@pytest.mark.parametrize("name", ["", "0", "Desk", "a.b", "a*", "a|b", "a" * 33, "a\n"])
def test_a_desk_name_cannot_carry_anything_into_a_pattern(name: str) -> None:
    with pytest.raises(ValueError, match="is not a lower-case letter"):
        topology.definitions([name], 1, passwords(name))


def test_a_user_without_a_password_is_named() -> None:
    with pytest.raises(ValueError, match="user 'gateway' has no password"):
        topology.definitions(["a"], 1, {"a": "x", "operator": "y"})


def test_a_desk_cannot_be_named_twice() -> None:
    with pytest.raises(ValueError, match="named twice"):
        topology.definitions(["a", "a"], 1, passwords("a"))


def test_what_people_say_waits_behind_no_order() -> None:
    """I23: a kill is heard however many orders wait in the shards."""
    made = topology.definitions(["a", "ann"], 3, passwords("a", "ann"), people=["ann"])
    ways = {b["source"]: b["destination"] for b in made["bindings"] if b["source"] != "reports"}
    assert ways["orders.ann"] == topology.people_queue(3) == "orders.3"
    assert ways["orders.a"] == topology.SHARD_EXCHANGE
    hashed = [b["destination"] for b in made["bindings"] if b["source"] == topology.SHARD_EXCHANGE]
    assert hashed == ["orders.0", "orders.1", "orders.2"]
    (queue,) = [q for q in made["queues"] if q["name"] == "orders.3"]
    assert queue["arguments"]["x-single-active-consumer"]
    gateway = permissions(made)[topology.GATEWAY]
    assert re.search(gateway["read"], "orders.3")


def test_without_people_there_is_no_queue_for_them() -> None:
    made = topology.definitions(["a"], 3, passwords("a"))
    assert "orders.3" not in {queue["name"] for queue in made["queues"]}
