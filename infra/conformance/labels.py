"""Labels of a scenario (X, Y, exec A) and what they stand for in one run of one variant."""

import re

LABELS = frozenset(("ClOrdID", "OrigClOrdID", "OrdStatusReqID", "MassStatusReqID"))
"""Fields whose values in a file are labels that the desk turns into ids of its own."""

_TELEPHONED = "#"
"""Begins the root of an order that the venue made: no desk named it."""

_UNPRINTABLE = re.compile(r"[^!-~]+")


class Labels:
    """``roots``: each ClOrdID's label to that of the order it belongs to.

    ``exec_ids`` and ``order_ids``: what the desk heard under a file's label; ``orders``: the
    OrderID that it heard of each root.
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = _UNPRINTABLE.sub("_", prefix)
        self._labels: dict[str, str] = {}
        self.roots: dict[str, str] = {}
        self.exec_ids: dict[str, str] = {}
        self.order_ids: dict[str, str] = {}
        self.orders: dict[str, str] = {}

    def desk_id(self, label: str) -> str:
        """The id that the desk uses for this label."""
        name = f"{self._prefix}-{_UNPRINTABLE.sub('_', label)}"
        self._labels[name] = label
        return name

    def label(self, name: str) -> str:
        """The label of an id, for people; an id that is none of ours stays what it is."""
        return self._labels.get(name, name)

    def root(self, fields: dict[str, str]) -> str:
        """The order that a row is about, by the label of its first ClOrdID."""
        label, orig = fields.get("ClOrdID"), fields.get("OrigClOrdID")
        if orig is not None and orig in self.roots:
            return self.roots[orig]
        return telephoned(fields) if label is None else self.roots.get(label, label)


def telephoned(fields: dict[str, str]) -> str:
    """The root of an order without ClOrdID: there is one, or the file tells them by OrderID."""
    return _TELEPHONED + fields.get("OrderID", "")


def is_telephoned(root: str) -> bool:
    """Whether the venue made the order."""
    return root.startswith(_TELEPHONED)
