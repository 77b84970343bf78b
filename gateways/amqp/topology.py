"""The broker's topology as values: who may write where, and where a message then goes.

A desk is held to its own exchange and its own queue by *name*, never by a routing key or a header
it can choose, so nothing a desk sends can reach another desk's queue.

    desk a -> orders.a (fanout) -+
    desk b -> orders.b (fanout) -+-> orders.shard (hash of the account) -> orders.0 ... orders.N-1
    person p -> orders.p (fanout) -> orders.N, which no order waits in
    reports (direct, key = desk) -> reports.a, reports.b
    unroutable or given up       -> dead (fanout) -> dead.q

`definitions` returns what RabbitMQ imports at start (`load_definitions`) or by
`rabbitmqctl import_definitions`. Importing adds and updates, it never deletes.
"""

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

VHOST = "oms"
GATEWAY = "gateway"
OPERATOR = "operator"
BENCH = "bench"

SHARD_EXCHANGE = "orders.shard"
REPORTS_EXCHANGE = "reports"
DEAD_EXCHANGE = "dead"
DEAD_QUEUE = "dead.q"
ECHO_EXCHANGE = "echo"
ECHO_IN = "echo.in"
ECHO_OUT = "echo.out"

MAX_MESSAGE_BYTES = 65_536
DELIVERY_LIMIT = 20  # deliveries that were not acknowledged, before a message goes to `dead`
SHARD_MAX_LENGTH = 100_000
REPORTS_MAX_LENGTH = 1_000_000
TLS = {
    "ssl_options.verify": "verify_peer",
    "ssl_options.fail_if_no_peer_cert": "true",
    "ssl_options.versions.1": "tlsv1.3",
    "ssl_options.versions.2": "tlsv1.2",
    "ssl_cert_login_from": "common_name",
    "auth_mechanisms.1": "EXTERNAL",
    "auth_mechanisms.2": "PLAIN",
}
"""How a broker with TLS knows who connects: by the certificate, whose common name is the user."""
DESK_LIMITS = {"max-connections": 4, "max-channels": 16}

# A desk's name ends up in exchange, queue and user names and in permission patterns.
DESK_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
RESERVED = frozenset({"shard", GATEWAY, OPERATOR, BENCH, "guest"})

Definition = dict[str, Any]


def orders_exchange(desk: str) -> str:
    """The one exchange a desk may write to."""
    return f"orders.{desk}"


def shard_queue(shard: int) -> str:
    """The queue of one shard, 0 up to the number of shards."""
    return f"orders.{shard}"


def people_queue(shards: int) -> str:
    """The queue of what people say, behind those of the shards: a kill waits behind no order."""
    return shard_queue(shards)


def reports_queue(desk: str) -> str:
    """The one queue a desk may read from."""
    return f"reports.{desk}"


def users(desks: Sequence[str], *, bench: bool = False) -> tuple[str, ...]:
    """Every user the topology knows; each needs a password in `credentials`."""
    return (*desks, GATEWAY, OPERATOR, *((BENCH,) if bench else ()))


def definitions(
    desks: Sequence[str],
    shards: int,
    credentials: Mapping[str, str],
    *,
    bench: bool = False,
    people: Sequence[str] = (),
    retired: Sequence[str] = (),
    salt: Callable[[], bytes] = lambda: secrets.token_bytes(4),
) -> Definition:
    """The whole topology in RabbitMQ's definitions format (dump it with `json.dumps`).

    `credentials` maps every name of `users(desks)` to its password. `shards` must stay what it was
    as long as orders may be queued: another number sends an account's orders to another queue.
    `people` names those of `desks` who are persons: what they say has a queue of its own.
    `retired` names users of earlier imports that may no longer log in, since an import deletes
    nobody. Raises ValueError for a bad or reserved desk name, or for a user without a password.
    """
    _check(desks, shards, credentials, bench)
    return {
        "vhosts": [{"name": VHOST}],
        "users": [
            {
                "name": user,
                "password_hash": hash_password(credentials[user], salt()),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": ["monitoring"] if user == OPERATOR else [],
                "limits": DESK_LIMITS if user in desks else {},
            }
            for user in users(desks, bench=bench)
        ]
        + [{"name": user, "password_hash": "", "tags": [], "limits": {}} for user in retired],
        "permissions": list(_permissions(desks, bench)),
        "policies": list(_policies()),
        "exchanges": list(_exchanges(desks, bench)),
        "queues": list(_queues(desks, shards, bench, people)),
        "bindings": list(_bindings(desks, shards, bench, people)),
    }


def hash_password(password: str, salt: bytes) -> str:
    """RabbitMQ's `rabbit_password_hashing_sha256`: base64 of salt (4 bytes) and salted digest."""
    if len(salt) != 4:
        raise ValueError(f"RabbitMQ's password salt is 4 bytes long, not {len(salt)}")
    return b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _check(desks: Sequence[str], shards: int, credentials: Mapping[str, str], bench: bool) -> None:
    for desk in desks:
        if not DESK_NAME.fullmatch(desk):
            raise ValueError(
                f"desk name {desk!r} is not a lower-case letter followed by up to 31 of a-z 0-9 _ -"
            )
        if desk in RESERVED:
            raise ValueError(f"desk name {desk!r} is reserved: {', '.join(sorted(RESERVED))}")
    if len(set(desks)) != len(desks):
        raise ValueError(f"a desk is named twice in {list(desks)}")
    if not 1 <= shards <= 256:
        raise ValueError(f"the number of shards is {shards}, not between 1 and 256")
    for user in users(desks, bench=bench):
        # RabbitMQ refuses an empty password at login, but only then: say it here, with the name.
        if not credentials.get(user):
            raise ValueError(f"user {user!r} has no password in the credentials")


def _permissions(desks: Sequence[str], bench: bool) -> Iterator[Definition]:
    for desk in desks:
        name = re.escape(desk)
        yield _permission(desk, write=rf"^orders\.{name}$", read=rf"^reports\.{name}$")
    yield _permission(GATEWAY, write="^(reports|dead)$", read=r"^orders\.[0-9]+$")
    yield _permission(OPERATOR, write="^$", read=r"^dead\.q$")
    if bench:
        yield _permission(BENCH, write="^echo$", read=r"^echo\.(in|out)$")


def _permission(user: str, *, write: str, read: str) -> Definition:
    # Nobody may configure: objects come from these definitions alone.
    return {"user": user, "vhost": VHOST, "configure": "^$", "write": write, "read": read}


def _policies() -> Iterator[Definition]:
    # Limits are policies rather than queue arguments: arguments can never change on a queue that
    # exists, a policy changes with the next import. At-least-once dead lettering needs
    # reject-publish; without a dead-letter exchange the broker would drop at the delivery limit.
    keep = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-exchange": DEAD_EXCHANGE,
        "dead-letter-strategy": "at-least-once",
        "overflow": "reject-publish",
    }
    yield _policy("shards", r"^orders\.[0-9]+$", {**keep, "max-length": SHARD_MAX_LENGTH})
    yield _policy("reports", r"^reports\.", {**keep, "max-length": REPORTS_MAX_LENGTH})
    # Whoever looks at a dead letter and puts it back must not be able to lose it by looking.
    yield _policy("dead", r"^dead\.q$", {"delivery-limit": 1_000_000_000})


def _policy(name: str, pattern: str, definition: Definition) -> Definition:
    return {
        "vhost": VHOST,
        "name": name,
        "pattern": pattern,
        "apply-to": "queues",
        "priority": 0,
        "definition": definition,
    }


def _exchanges(desks: Sequence[str], bench: bool) -> Iterator[Definition]:
    # The alternate exchange is an alarm, not a route: what lands there had no queue to go to.
    catch = {"alternate-exchange": DEAD_EXCHANGE}
    for desk in desks:
        yield _exchange(orders_exchange(desk), "fanout")
    yield _exchange(SHARD_EXCHANGE, "x-consistent-hash", catch)
    yield _exchange(REPORTS_EXCHANGE, "direct", catch)
    yield _exchange(DEAD_EXCHANGE, "fanout")
    if bench:
        yield _exchange(ECHO_EXCHANGE, "direct")


def _exchange(name: str, kind: str, arguments: Definition | None = None) -> Definition:
    return {
        "name": name,
        "vhost": VHOST,
        "type": kind,
        "durable": True,
        "auto_delete": False,
        "internal": False,
        "arguments": arguments or {},
    }


def _queues(
    desks: Sequence[str], shards: int, bench: bool, people: Sequence[str]
) -> Iterator[Definition]:
    # Only a quorum queue confirms after the disk has the message, in every RabbitMQ since 3.10.
    for shard in range(shards + bool(people)):
        yield _queue(shard_queue(shard), {"x-single-active-consumer": True})
    for desk in desks:
        yield _queue(reports_queue(desk))
    yield _queue(DEAD_QUEUE)
    if bench:
        yield _queue(ECHO_IN)
        yield _queue(ECHO_OUT)


def _queue(name: str, arguments: Definition | None = None) -> Definition:
    return {
        "name": name,
        "vhost": VHOST,
        "durable": True,
        "auto_delete": False,
        "arguments": {"x-queue-type": "quorum", **(arguments or {})},
    }


def _bindings(
    desks: Sequence[str], shards: int, bench: bool, people: Sequence[str]
) -> Iterator[Definition]:
    for desk in desks:
        if desk in people:
            yield _binding(orders_exchange(desk), people_queue(shards), "")
        else:
            yield _binding(orders_exchange(desk), SHARD_EXCHANGE, "", kind="exchange")
        yield _binding(REPORTS_EXCHANGE, reports_queue(desk), desk)
    for shard in range(shards):
        yield _binding(SHARD_EXCHANGE, shard_queue(shard), "1")  # the key is the shard's weight
    yield _binding(DEAD_EXCHANGE, DEAD_QUEUE, "")
    if bench:
        yield _binding(ECHO_EXCHANGE, ECHO_IN, ECHO_IN)
        yield _binding(ECHO_EXCHANGE, ECHO_OUT, ECHO_OUT)


def _binding(source: str, destination: str, key: str, *, kind: str = "queue") -> Definition:
    return {
        "source": source,
        "vhost": VHOST,
        "destination": destination,
        "destination_type": kind,
        "routing_key": key,
        "arguments": {},
    }
