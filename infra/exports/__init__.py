"""What regulators ask for, made from the journals alone. One file and one row each.

Every order rebuilds its full record from the journal (``facts``); a regime says which record each
event becomes, or why none, and how each field must look.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.exports.regime import Regime


def _cat() -> "Regime":
    from infra.exports.cat import CAT

    return CAT


def _rts24() -> "Regime":
    from infra.exports.rts24 import RTS24

    return RTS24


def _rts22() -> "Regime":
    from infra.exports.rts22 import RTS22

    return RTS22


REGIMES: "dict[str, Callable[[], Regime]]" = {"cat": _cat, "rts24": _rts24, "rts22": _rts22}
"""By the name that ``oms export`` takes; loaded when it is asked for."""
