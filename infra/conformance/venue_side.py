"""What the venue says for a row: a FIX message with the ids under which it knows the order."""

import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from gateways.fix.fields import time_text
from infra.conformance.labels import Labels, is_telephoned
from infra.conformance.rules import FILLS, Modeled
from infra.conformance.scenarios import Row
from infra.conformance.stage import ACCOUNT, DEFAULT_PX, Cast, WireFields
from infra.conformance.words import MSG_TYPES, TAGS, Names, same, shown
from messages.base import decimal_text

SPEAKS = ("ExecutionReport", "OrderCancelReject")
NO_ORDER = "NONE"

_OWN = frozenset(("ClOrdID", "OrigClOrdID", "ExecID", "ExecRefID", "OrderID"))
"""Fields in which the venue uses its own ids."""

_UNCHECKED = frozenset(("ClOrdID", "OrigClOrdID", "OrderID", "PossResend", "Account", "Currency"))
"""Fields of a request that may differ at the venue, or that it is not told."""


class Unsayable(Exception):
    """The venue cannot say a row: it never got what the row answers."""


def reaches_as(row: Row) -> str:
    """MsgType(35) of what the venue gets when the desk says a row."""
    return "F" if row.msg == "OrderMassCancelRequest" else MSG_TYPES.get(row.msg, "")


def leads_to(row: Row, request: WireFields) -> bool:
    """Whether a request at the venue may come of what the desk said."""
    return request.get("35") == reaches_as(row)


class VenueSide:
    """The venue in one variant. ``heard``: the requests that reached it, by the desk's label."""

    def __init__(self, prefix: str, labels: Labels, cast: Cast, names: Names) -> None:
        self._prefix = prefix
        self._labels = labels
        self._cast = cast
        self._names = names
        self._exec_ids: dict[str, str] = {}
        self._order_ids: dict[str, str] = {}
        self._said = 0
        self._masses: set[str] = set()
        self.heard: dict[str, list[WireFields]] = {}

    def take(self, row: Row, request: WireFields) -> list[tuple[str, str, str]]:
        """A request that the desk made with ``row``; what of it differs: (field, row, request)."""
        label = row.fields.get("ClOrdID", "")
        self.heard.setdefault(label, []).append(request)
        if row.msg == "OrderMassCancelRequest":
            self._masses.add(label)
        expected = reaches_as(row)
        if request.get("35") != expected:
            return [("MsgType", expected, request.get("35", ""))]
        found = []
        for field, value in row.fields.items():
            if field in _UNCHECKED or field not in TAGS or expected == "F":
                continue
            got = request.get(str(TAGS[field]), "")
            if not same(field, value, got):
                found.append((field, shown(field, value, self._names), got or "nothing"))
        return found

    def owns(self, clordid: str) -> bool:
        """Whether a request under this ClOrdID reached the venue in this variant."""
        return any(m.get("11") == clordid for found in self.heard.values() for m in found)

    def reached(self, row: Row) -> bool:
        """Whether the venue has what an ``out`` row answers. A mass cancel reaches it in parts."""
        label, orig = row.fields.get("ClOrdID"), row.fields.get("OrigClOrdID", "")
        requests = self.heard.get(label or "", ())
        if label in self._masses:
            origs = {m["11"] for m in self.heard.get(orig, ())}
            return any(m.get("41") in origs for m in requests)
        return label is None or bool(requests)

    def words(self, row: Row, order: Modeled, root: str) -> WireFields:
        """The message. Unsayable where the venue does not know what the row is about."""
        fields = {"35": MSG_TYPES[row.msg], "37": self._order_id(row, root)}
        fields |= self._naming(row)
        if row.msg == "ExecutionReport":
            fields |= self._execution(row, order, root)
        for name, value in row.fields.items():
            if name not in _OWN and name in TAGS:
                fields[str(TAGS[name])] = value
        fields["60"] = time_text(time.time_ns(), 3)
        return fields

    def ended(self, order: Modeled, root: str) -> WireFields:
        """Unsolicited Canceled, to leave nothing open behind a variant."""
        cum = decimal_text(order.cum)
        fields = {"35": "8", "37": self._venue_order_id(root), "150": "4", "39": "4"}
        if not is_telephoned(root):
            fields["11"] = self.heard[root][0]["11"]
        fields |= {"38": decimal_text(order.qty), "14": cum, "151": "0"}
        fields |= self._identity(root) | {"17": self._exec_id(""), "6": "0"}
        return fields | {"60": time_text(time.time_ns(), 3)}

    def _order_id(self, row: Row, root: str) -> str:
        given = row.fields.get("OrderID", "")
        if given == NO_ORDER:
            return given
        if given:  # from now on: the sell side may change it
            self._order_ids[root] = given
        return self._venue_order_id(root)

    def _venue_order_id(self, root: str) -> str:
        return f"V-{self._prefix}-{self._order_ids.get(root, root)}"

    def _exec_id(self, label: str) -> str:
        self._said += 1
        name = f"E-{self._prefix}-{self._said}"
        if label:
            self._exec_ids[label] = name
        return name

    def _naming(self, row: Row) -> WireFields:
        """ClOrdID and OrigClOrdID as the venue knows them."""
        label, orig = row.fields.get("ClOrdID"), row.fields.get("OrigClOrdID")
        origs = {m["11"] for m in self.heard.get(orig or "", ())}
        found = {}
        if label is not None:
            requests = self.heard.get(label)
            if not requests:
                raise Unsayable(f"no request {label} has reached the venue")
            answered = next((m for m in requests if m.get("41") in origs), requests[0])
            found["11"] = answered["11"]
            if row.msg == "OrderCancelReject" and "41" in answered:
                found["41"] = answered["41"]
        if origs:
            found["41"] = min(origs)
        return found

    def _execution(self, row: Row, order: Modeled, root: str) -> WireFields:
        get = row.fields.get
        fields = {"17": self._exec_id(get("ExecID", ""))} | self._identity(get("ClOrdID") or root)
        if ref := get("ExecRefID"):
            if ref not in self._exec_ids:
                raise Unsayable(f"the venue has said no execution {ref}")
            fields["19"] = self._exec_ids[ref]
        fields["75"] = (datetime.now(UTC) + timedelta(days=row.day - 1)).strftime("%Y%m%d")
        stands = {"38": order.qty, "14": order.cum, "151": order.leaves, "6": order.avg_px}
        fields |= {tag: decimal_text(value) for tag, value in stands.items()}
        if get("ExecType") in FILLS and Decimal(get("LastQty", "0")):
            fields["31"] = decimal_text(DEFAULT_PX)
        return fields

    def _identity(self, label: str) -> WireFields:
        """Symbol and Side as the request had them; of an order of the venue's own all of it."""
        if requests := self.heard.get(label):
            return {tag: requests[0][tag] for tag in ("55", "54") if tag in requests[0]}
        return {
            "1": ACCOUNT,
            "55": self._cast.symbol(None),
            "54": "1",
            "40": "2",
            "44": decimal_text(DEFAULT_PX),
            "59": "0",
        }
