"""What the engine is told of a venue's messages: which fields repeat, and nothing else.

The engine refuses a message in which a field stands twice, counts it as heard, and it is gone: a
fill with two parties. Only a dictionary that names the repeating group keeps it. So this one has
the groups, and otherwise lets everything pass: every message type, no field required, no value
checked. What a message must have, the dialect checks, and keeps the text of what it refuses.
"""

import string
from collections.abc import Iterable, Mapping
from pathlib import Path

FILE = "dictionary.xml"

Groups = Mapping[int, tuple[int, ...]]
"""NumInGroup tag to the tags of an entry, the one that begins an entry first. May nest."""

HOPS = 627
"""NoHops: the one group of the header."""

FIX44: Groups = {
    78: (79, 661, 736, 467, 539, 80),  # NoAllocs
    136: (137, 138, 139, 891),  # NoMiscFees
    232: (233, 234),  # NoStipulations
    382: (375, 337, 437, 438, 655),  # NoContraBrokers
    386: (336, 625),  # NoTradingSessions
    453: (448, 447, 452, 2376, 802),  # NoPartyIDs
    454: (455, 456),  # NoSecurityAltID
    457: (458, 459),  # NoUnderlyingSecurityAltID
    518: (519, 520, 521),  # NoContAmts
    539: (524, 525, 538, 804),  # NoNestedPartyIDs
    555: (  # NoLegs
        *(600, 601, 602, 603, 604, 607, 608, 609, 764, 610, 611, 248, 249, 250, 251, 252, 253),
        *(257, 599, 596, 597, 598, 254, 612, 942, 613, 614, 615, 616, 617, 618, 619, 620, 621),
        *(622, 623, 624, 556, 740, 739, 955, 956, 687, 690, 683, 564, 565, 539, 654, 566, 587),
        *(588, 637),
    ),
    604: (605, 606),  # NoLegSecurityAltID
    683: (688, 689),  # NoLegStipulations
    711: (  # NoUnderlyings
        *(311, 312, 309, 305, 457, 462, 463, 310, 763, 313, 542, 315, 241, 242, 243, 244, 245),
        *(246, 256, 595, 592, 593, 594, 247, 316, 941, 317, 436, 435, 308, 306, 362, 363, 307),
        *(364, 365, 877, 878, 318, 879, 810, 882, 883, 884, 885, 886, 887),
    ),
    768: (769, 770, 771, 1033, 1034, 1035, 1727),  # NoTrdRegTimestamps
    802: (523, 803),  # NoPartySubIDs
    804: (545, 805),  # NoNestedPartySubIDs
    816: (817,),  # NoAltMDSource
    864: (865, 866, 867, 868),  # NoEvents
    870: (871, 872),  # NoInstrAttrib
    887: (888, 889),  # NoUnderlyingStips
    957: (958, 959, 960),  # NoStrategyParameters
    1362: (1363, 1364, 1365, 1443),  # NoFills
    1907: (1903, 1904, 1905, 1906),  # NoRegulatoryTradeIDs
    2593: (2594, 2595),  # NoOrderAttributes
}
"""Of what is said about orders: FIX 4.4, and of later versions what venues send in FIX 4.4."""

MARKET_DATA: Groups = {
    268: (  # NoMDEntries: of W, where an entry begins with 269, and of X, where it does with 279
        *(279, 285, 269, 278, 280, 55, 65, 48, 22, 454, 460, 461, 167, 762, 200, 541, 201, 224),
        *(225, 239, 226, 227, 228, 255, 543, 470, 471, 472, 240, 202, 947, 206, 231, 223, 207),
        *(106, 348, 349, 107, 350, 351, 691, 667, 875, 876, 864, 873, 874, 711, 555, 291, 292),
        *(270, 15, 271, 272, 273, 274, 275, 336, 625, 276, 277, 282, 283, 284, 286, 59, 432, 126),
        *(110, 18, 287, 37, 299, 288, 289, 346, 1023, 290, 546, 811, 451, 58, 354, 355),
    ),
}
"""Of W and X alone: a report on an order has the same fields outside of any group."""

SETTINGS = {
    "UseDataDictionary": "Y",
    "AllowUnknownMsgFields": "Y",
    "ValidateUserDefinedFields": "N",
    "ValidateFieldsHaveValues": "N",
    "ValidateFieldsOutOfOrder": "N",
}
"""Of a session, beside DataDictionary with the path: what else the engine would refuse."""

_BOTH = string.digits + string.ascii_letters
_TYPES = (*_BOTH, *(a + b for a in "ABCDU" for b in string.digits + string.ascii_uppercase))
"""Every MsgType(35): what is unknown here is the dialect's to judge."""
_REPORTS = frozenset(("8", "9", "Y", "f", "h", "j", "r"))
_QUOTES = frozenset(("W", "X"))


def write(folder: Path, begin_string: str, groups: Groups = FIX44) -> Path:
    """Write the dictionary for the engine to read; ``groups`` are those of reports."""
    path = folder / FILE
    path.write_text(text(begin_string, groups))
    return path


def text(begin_string: str, groups: Groups = FIX44) -> str:
    """The dictionary in the engine's own XML."""
    version, major, minor = begin_string.split(".")
    hops = {HOPS: (628, 629, 630)}
    known = {**groups, **MARKET_DATA, **hops}
    tags = sorted({8, *known, *(tag for members in known.values() for tag in members)})
    fields = "".join(f'<field number="{tag}" name="F{tag}" type="STRING"/>\n' for tag in tags)
    inside = dict.fromkeys(_REPORTS, _groups(groups, groups))
    inside |= dict.fromkeys(_QUOTES, _groups(MARKET_DATA, {**groups, **MARKET_DATA}))
    messages = "".join(
        f'<message msgtype="{kind}" msgcat="app" name="M{kind}">\n'
        f"{inside.get(kind, '')}</message>\n"
        for kind in _TYPES
    )
    return (
        f'<fix type="{version}" major="{major}" minor="{minor}">\n'
        f'<header>\n<field name="F8" required="N"/>\n{_groups(hops, hops)}</header>\n'
        f'<trailer>\n<field name="F8" required="N"/>\n</trailer>\n'
        f"<messages>\n{messages}</messages>\n<fields>\n{fields}</fields>\n</fix>\n"
    )


def _groups(tags: Iterable[int], known: Groups) -> str:
    return "".join(_group(tag, known) for tag in tags)


def _group(tag: int, known: Groups) -> str:
    members = "".join(
        _group(member, known) if member in known else f'<field name="F{member}" required="N"/>\n'
        for member in known[tag]
    )
    return f'<group name="F{tag}" required="N">\n{members}</group>\n'
