"""The rule book as its journal tells, and rule books in TOML files."""

import json
import tomllib
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from actors.book.checks import CHECKS
from actors.rulebook.state import RuleBookState, Version
from actors.rules import RULES, Counted
from infra.as_toml import document
from infra.reference import ReferenceRefused, load
from infra.replayed import journals, replay
from infra.settings import Settings, SettingsMissing
from messages.rulebook import RULEBOOK, RuleBook, RuleLimits


class RulesRefused(Exception):
    """One line: what is wrong with a rule book and what to do."""


def read(path: Path) -> RuleBook:
    """A rule book from a TOML file; decimals are strings there.

    Raises:
        RulesRefused: missing, not TOML, or a field is wrong.
    """
    try:
        with path.open("rb") as file:
            return RuleBook.model_validate_json(json.dumps(tomllib.load(file), default=str))
    except OSError as error:
        raise RulesRefused(f"{path}: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise RulesRefused(f"{path}: {error}") from error
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        field = ".".join(map(str, first["loc"]))
        what = first["msg"].removeprefix("Value error, ")
        more = f" (and {len(others)} more)" if others else ""
        where = f"{field}: " if field else ""
        raise RulesRefused(f"{path}: {where}{what}{more}") from error


def state(data: Path) -> RuleBookState:
    """Every version and proposal; where nobody changed anything, the one of reference data.

    Raises:
        CannotRead: the journal is damaged.
    """
    path = journals(data, "rulebook").get(RULEBOOK)
    found: RuleBookState = replay(RULEBOOK, path).actor.state if path else RuleBookState()
    if not found.versions and (first := _first(data)):
        found.versions[1] = Version(1, first, 0)
        found.in_force = 1
    return found


def _first(data: Path) -> RuleBook | None:
    try:
        return load(Settings.of(data).config).rules
    except (SettingsMissing, ReferenceRefused):
        return None


class Row(NamedTuple):
    """A rule, the limits it reads, and over what it adds up, whichever level they are of."""

    rule: str
    limits: str
    counted: str


IN_THE_BOOK = "each order by itself, in the book of its symbol"
OF_AN_OWNER = "all orders of one owner, in the book of their symbol"


def table() -> list[Row]:
    """Every rule in its order of precedence; those of books come after those of accounts."""
    more = {"buying_power": ("Credit",), "order_rate": ("OrderBurst",)}
    return [
        *(
            Row(rule.name, ", ".join(rule.parameters + more.get(rule.name, ())), rule.counted)
            for rule in RULES
        ),
        *(
            Row(
                one.name,
                one.parameter,
                OF_AN_OWNER if one.parameter == "SelfMatch" else IN_THE_BOOK,
            )
            for one in CHECKS
        ),
    ]


_LEVELS = ("Firm", "Desks", "Traders")
_IN_EACH = {
    name
    for rule in RULES
    if rule.counted is Counted.Account
    for name in rule.parameters
    if not isinstance(RuleLimits.model_fields[name].default, bool)
}


def as_toml(rules: RuleBook) -> str:
    """What :func:`read` reads back. What no level adds up over accounts says so."""
    return document(json.loads(rules.model_dump_json(exclude_defaults=True)), _remark)


def _remark(path: tuple[str, ...], key: str) -> str:
    each = path and path[0] in _LEVELS and key in _IN_EACH
    return "in each account" if each else ""
