"""What is exposed is what the table says, with few label values and nobody's name in any."""

import json
import os
import re
from collections import Counter, defaultdict
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from actors.conservation import counts
from docs.metrics import page
from infra import drains, liveness, pids, starts
from infra.audit.gauges import AuditGauges
from infra.audit.status import STATUS
from infra.lives import Lives
from infra.metrics import BUCKETS, Metrics
from infra.monitoring.ground import Ground
from infra.monitoring.table import GROUPS, LABELS, LANES, OURS, lane, row, series
from infra.vitals import Vitals
from messages.entry import EntryCopy
from messages.fix import OrdRejReason
from tests.architecture.source import ROOT
from tests.infra.test_metrics_entries import (
    MS,
    START,
    duplicate,
    entry,
    journey,
    parked,
    received,
    refused,
)

MANY = 300
NAMES = ("pension-fund", "ZQXW", "deskette", "clord")
"""Account, symbol, desk, ClOrdID: each with a number behind it, none of it may be seen."""


def renamed(one: EntryCopy, number: int) -> EntryCopy:
    text = one.model_dump_json()
    for old, new in (("acme", NAMES[0]), ("AAPL", NAMES[1]), ("blue", NAMES[2]), ("a-1", NAMES[3])):
        text = re.sub(rf"\b{old}\b", f"{new}{number}", text)
    return EntryCopy.model_validate_json(text)


@pytest.fixture
def families(tmp_path: Path) -> list[Metric]:
    """A scrape of an installation with many accounts, books and desks."""
    registry = CollectorRegistry()
    registry.register(Lives(tmp_path))
    registry.register(Ground(tmp_path, SimpleNamespace(exported=3, dropped=1)))
    clock = {"OffsetS": 0, "DivergenceS": 0, "MostS": 0, "Good": True, "At": START}
    found = {"Clock": clock, "AnchoredAt": START, "Alarms": 0, "Failed": 0}
    (tmp_path / STATUS).write_text(json.dumps(found))
    registry.register(AuditGauges(tmp_path))
    metrics = Metrics(registry, lambda: START + 10 * MS)
    totals: Counter[str] = Counter()
    metrics.totals(totals)
    story = [*journey(), received(90, refused(OrdRejReason.Other)), received(91, duplicate())]
    story.append(entry("book/AAPL", 9, parked("NewOrder")))
    for number in range(MANY):
        for one in story:
            copy = renamed(one, number)
            totals.update(counts(copy))
            metrics.observe(copy)
        for kind, name in (("account", NAMES[0]), ("book", NAMES[1])):
            address = f"{kind}/{name}{number}"
            metrics.vitals(Vitals(actor=address, at=START, commit_ns=[1], backlog=1, cpu_ns=1))
            starts.begin(tmp_path, address)
            pids.write(tmp_path, address)
    queues = {"orders": (3, 2), "reports": (4, 4), "dead": (0, 0)}
    for border in ("ingress/0", "egress/0"):
        word = Vitals(actor=border, at=START, took_ns=[5], connected=True, queues=queues)
        metrics.vitals(word)
    doubt = {"connected": False, "in_doubt_orders": 1, "in_doubt_since": START}
    metrics.vitals(Vitals(actor="venue/XNAS", at=START, **doubt))
    journal = tmp_path / "journals" / "book" / "AAPL.sqlite"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(b"x" * 1000)
    return list(registry.collect())


def exposed(family: Metric) -> str:
    return f"{family.name}_total" if family.type == "counter" else family.name


def test_every_metric_has_a_row_and_every_row_is_a_metric(families: list[Metric]) -> None:
    assert sorted(map(exposed, families)) == sorted(OURS)
    for family in families:
        one = row(exposed(family))
        assert (family.type, family.documentation) == (one.kind, one.means)
        for sample in family.samples:
            assert set(sample.labels) - {"le"} == set(one.labels), one.name


def test_what_can_be_queried_is_what_is_exposed(families: list[Metric]) -> None:
    found = {sample.name: set(sample.labels) for f in families for sample in f.samples}
    assert found == {name: set(labels) for name, labels in series(OURS).items()}


def test_labels_take_few_values_however_many_accounts_there_are(families: list[Metric]) -> None:
    values: dict[str, set[str]] = defaultdict(set)
    for family in families:
        for sample in family.samples:
            for label, value in sample.labels.items():
                values[label].add(value)
    assert values.keys() == LABELS.keys() | {"le"}
    for label, found in values.items():
        assert len(found) <= (LABELS[label].most if label != "le" else len(BUCKETS) + 1), label
    lanes = {value for value in values["actor"] if "#" in value}
    assert len(lanes) == 2 * LANES
    total = sum(len(family.samples) for family in families)
    assert total < 1500, "a thousand accounts are no more series than one"


def test_nobodys_name_and_no_amount_is_in_a_label(families: list[Metric]) -> None:
    text = "".join(
        f"{label}={value}\n"
        for family in families
        for sample in family.samples
        for label, value in sample.labels.items()
        if label != "le"
    )
    assert not re.search("|".join(NAMES), text)
    assert not re.search(r"231\.2|=100$", text)


def test_no_label_is_made_for_what_must_not_be_seen() -> None:
    secret = {"account", "desk", "order", "order_id", "cl_ord_id", "symbol", "trader", "client"}
    money = {"price", "qty", "quantity", "pnl", "cash", "notional", "amount"}
    used = {label for rows in GROUPS.values() for one in rows for label in one.labels}
    assert used <= LABELS.keys()
    assert not used & (secret | money)


@pytest.mark.parametrize("address", ["venue/XPAR", "ingress/0", "compliance/0"])
def test_what_is_no_secret_is_shown_by_its_address(address: str) -> None:
    assert lane(address) == address


def test_an_account_is_always_in_the_same_lane() -> None:
    assert lane("account/growth") == lane("account/growth") != lane("book/growth")
    assert re.fullmatch(r"account#(0\d|1[0-5])", lane("account/growth"))


def test_a_metric_without_a_row_is_refused_with_the_remedy() -> None:
    with pytest.raises(KeyError, match=r"add one to infra/monitoring/table\.py"):
        row("oms_new_thing_total")


def test_the_supervisor_is_up_while_its_process_is_alive(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    registry.register(Ground(tmp_path, SimpleNamespace(exported=0, dropped=0)))
    assert registry.get_sample_value("oms_supervisor_up") == 0
    pids.write(tmp_path, "supervisor/0")
    assert registry.get_sample_value("oms_supervisor_up") == 1
    free = registry.get_sample_value("oms_disk_free_bytes")
    size = registry.get_sample_value("oms_disk_size_bytes")
    assert free is not None
    assert size is not None
    assert 0 < free < size


def test_a_process_that_does_not_beat_is_silent_and_a_passivated_one_is_not(tmp_path: Path) -> None:
    registry = CollectorRegistry()
    registry.register(Lives(tmp_path))
    for address in ("venue/XPAR", "venue/XNAS"):
        pids.write(tmp_path, address)
    liveness.leave(tmp_path, "venue/XNAS")
    path = tmp_path / pids.FOLDER / "venue.XPAR"
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 40))
    silent = registry.get_sample_value("oms_process_silent_seconds", {"actor": "venue/XPAR"})
    assert silent is not None
    assert 40 <= silent < 60
    gone = registry.get_sample_value("oms_process_silent_seconds", {"actor": "venue/XNAS"})
    assert gone is None


def test_a_stage_is_from_the_sending_of_a_message_to_its_entry() -> None:
    registry = CollectorRegistry()
    metrics = Metrics(registry, lambda: START + 10 * MS)
    for one in journey():
        metrics.observe(one)
    assert registry.get_sample_value("oms_stage_seconds_count", {"stage": "book-account"}) == 2
    took = registry.get_sample_value("oms_stage_seconds_sum", {"stage": "account-book"})
    assert took == pytest.approx(0.001)
    metrics.vitals(Vitals(actor="egress/0", at=START, took_ns=[3 * MS, 5 * MS]))
    took = registry.get_sample_value("oms_stage_seconds_sum", {"stage": "egress"})
    assert took == pytest.approx(0.008)


def test_a_drain_is_asked_for_told_and_withdrawn(tmp_path: Path) -> None:
    drains.tell(tmp_path, "ingress/0", 3)
    assert not drains.asked(tmp_path)
    drains.ask(tmp_path)
    assert drains.left(tmp_path, "ingress/0") is None
    drains.tell(tmp_path, "ingress/0", 3)
    assert (drains.asked(tmp_path), drains.left(tmp_path, "ingress/0")) == (True, 3)
    drains.withdraw(tmp_path)
    assert (drains.asked(tmp_path), drains.left(tmp_path, "ingress/0")) == (False, None)


def test_the_page_is_what_the_table_says() -> None:
    assert (ROOT / "docs" / "METRICS.md").read_text() == "\n".join(page()) + "\n", "run `make docs`"
