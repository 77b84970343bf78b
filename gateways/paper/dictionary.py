"""What the engine is told of messages: which fields repeat, and nothing else.

The engine refuses a message in which a field stands twice unless a dictionary names the group it
repeats in. So this one names those groups and lets everything else pass: every type of message, no
field required, no value checked. What a request must have, requests.py checks.
"""

import string
from collections.abc import Mapping
from pathlib import Path

FILE = "dictionary.xml"

Groups = Mapping[int, tuple[int, ...]]
"""NumInGroup tag to the tags of an entry, the one that begins an entry first. May nest."""

PARTIES: Groups = {453: (448, 447, 452, 802), 802: (523, 803)}
ORDER: Groups = {
    **PARTIES,
    78: (79, 661, 736, 467, 80),  # NoAllocs
    386: (336, 625),  # NoTradingSessions
    454: (455, 456),  # NoSecurityAltID
    957: (958, 959, 960),  # NoStrategyParameters
}
REQUESTS: Mapping[str, Groups] = {
    **{"D": ORDER, "G": ORDER, "F": PARTIES, "H": PARTIES, "q": PARTIES, "AF": PARTIES},
    "V": {146: (55,), 267: (269,), 386: (336, 625)},
}
"""By MsgType(35), what repeats in what a client asks."""

SETTINGS = {
    "UseDataDictionary": "Y",
    "AllowUnknownMsgFields": "Y",
    "ValidateUserDefinedFields": "N",
    "ValidateFieldsHaveValues": "N",
    "ValidateFieldsOutOfOrder": "N",
}
"""Of a session, beside DataDictionary with the path: what else the engine would refuse."""

_LETTERS = string.digits + string.ascii_letters
_TYPES = (*_LETTERS, *(f"{one}{two}" for one in "ABCDU" for two in _LETTERS))
_HOPS: Groups = {627: (628, 629, 630)}


def write(folder: Path, messages: Mapping[str, Groups] = REQUESTS) -> Path:
    """Write the dictionary for the engine to read; made anew at each start."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(_text(messages))
    return path


def _text(messages: Mapping[str, Groups]) -> str:
    """The dictionary in the engine's own XML."""
    groups = [_HOPS, *messages.values()]
    tags = {8} | {tag for one in groups for entry in one.items() for tag in (entry[0], *entry[1])}
    fields = [f'<field number="{tag}" name="F{tag}" type="STRING"/>' for tag in sorted(tags)]
    types = [
        f'<message msgtype="{kind}" msgcat="app" name="M{kind}">'
        f"{_groups(messages.get(kind, {}))}</message>"
        for kind in _TYPES
    ]
    return "\n".join(
        [
            '<fix type="FIX" major="4" minor="4">',
            f'<header><field name="F8" required="N"/>{_groups(_HOPS)}</header>',
            '<trailer><field name="F8" required="N"/></trailer>',
            *("<messages>", *types, "</messages>", "<fields>", *fields, "</fields>", "</fix>\n"),
        ]
    )


def _groups(groups: Groups) -> str:
    nested = {tag for members in groups.values() for tag in members}
    return "".join(_group(tag, groups) for tag in groups if tag not in nested)


def _group(tag: int, groups: Groups) -> str:
    members = "".join(
        _group(one, groups) if one in groups else f'<field name="F{one}" required="N"/>'
        for one in groups[tag]
    )
    return f'<group name="F{tag}" required="N">{members}</group>'
