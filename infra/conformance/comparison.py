"""A report at the desk against its row: every field that the row states, and no name more.

ExecIDs and OrderIDs are labels in a file: what the desk hears first under a label is learned, and
every later mention must be the same.
"""

from collections.abc import Iterator, Mapping

from infra.conformance.labels import LABELS, Labels
from infra.conformance.scenarios import Row
from infra.conformance.venue_side import NO_ORDER
from infra.conformance.verdict import Difference
from infra.conformance.words import Names, same, shown, wire_text
from messages.reports import DeskReport

ALWAYS = ("ClOrdID", "OrigClOrdID")
"""Named by a report exactly where the row names them."""

ABSENT_IS_ZERO = ("LastQty", "LastPx")


def differences(
    row: Row, report: DeskReport, labels: Labels, names: Names, by_rule: Mapping[str, str]
) -> list[Difference]:
    """What differs; ``by_rule``: values that are right too, where the file contradicts itself."""
    if report.MsgType != row.msg:
        return [Difference("MsgType", row.msg, described(report, labels, names))]
    found = list(_names_differ(row, report, labels))
    for field, value in row.fields.items():
        if field in LABELS or field == "Account":
            continue
        got = wire_text(field, getattr(report, field, None))
        if field == "ExecID":
            labels.exec_ids.setdefault(value, got)
        elif field == "ExecRefID":
            if labels.exec_ids.get(value) != got:
                at = f"{value} ({labels.exec_ids.get(value, 'never reported')})"
                found.append(Difference(field, at, got or "nothing"))
        elif field == "OrderID":
            found += _order_id(value, got, labels)
        else:
            found += _plain(row, field, value, got, names, by_rule)
    _learn(row, report, labels)
    return found


def _names_differ(row: Row, report: DeskReport, labels: Labels) -> Iterator[Difference]:
    for field in dict.fromkeys((*ALWAYS, *(LABELS & row.fields.keys()))):
        expected, got = row.fields.get(field), getattr(report, field, None)
        if (labels.desk_id(expected) if expected is not None else None) != got:
            yield Difference(field, expected or "none", labels.label(got) if got else "none")


def _order_id(value: str, got: str, labels: Labels) -> Iterator[Difference]:
    if value == NO_ORDER or got == NO_ORDER:
        expected = value
    else:
        expected = labels.order_ids.setdefault(value, got)
    if expected != got:
        yield Difference("OrderID", expected, got or "none")


def _plain(
    row: Row, field: str, value: str, got: str, names: Names, by_rule: Mapping[str, str]
) -> Iterator[Difference]:
    if not got and field in ABSENT_IS_ZERO:
        got = "0"
    if same(field, value, got):
        return
    text = shown(field, value, names)
    if row.conflict and field in by_rule:
        if same(field, by_rule[field], got):
            return
        text += f" or by rule {shown(field, by_rule[field], names)}"
    yield Difference(field, text, shown(field, got, names))


def _learn(row: Row, report: DeskReport, labels: Labels) -> None:
    """The OrderID of each order, so that a later row can name it."""
    order_id = getattr(report, "OrderID", NO_ORDER)
    if order_id != NO_ORDER:
        labels.orders.setdefault(labels.root(row.fields), order_id)


def described(report: DeskReport, labels: Labels, names: Names) -> str:
    """A report in one line, in the words of a file."""
    words: list[str] = [report.MsgType]
    for field in ("ClOrdID", "OrigClOrdID"):
        if value := getattr(report, field, None):
            words.append(f"{field}={labels.label(value)}")
    for field in (
        "ExecType", "OrdStatus", "OrderQty", "CumQty", "LeavesQty", "LastQty", "OrdRejReason",
        "CxlRejReason", "Text",
    ):  # fmt: skip
        if text := wire_text(field, getattr(report, field, None)):
            words.append(f"{field}={shown(field, text, names)}")
    return " ".join(words)
