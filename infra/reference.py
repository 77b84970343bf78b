"""Reference data from a TOML file: desks, accounts with limits, instruments, venues.

Decimals are strings there too. One file describes one installation; ``sample.toml`` is what
``oms up`` uses where none is given.
"""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from infra import calendars, surveillance
from infra.exports.parties import Reporting
from infra.native import able
from messages.base import Message, Name
from messages.envelope import Address
from messages.kills import KillDirectory, KillScope
from messages.people import Person, Role
from messages.reference import (
    AccountDefinition,
    DeskSettings,
    InstrumentDefinition,
    VenueDefinition,
    VenueScope,
)
from messages.rulebook import RuleBook, RuleBookScope, RulesIssued
from messages.thresholds import SurveillanceSettings

SAMPLE = Path(__file__).with_name("sample.toml")


class ReferenceRefused(Exception):
    """The file cannot be used; the message names the field and what to do."""


class Reference(BaseModel):
    """Everything the actors are told when they start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    desks: tuple[Name, ...]
    venues: tuple[VenueDefinition, ...]
    instruments: tuple[InstrumentDefinition, ...]
    accounts: tuple[AccountDefinition, ...]
    operators: tuple[Name, ...] = ()
    """People who may settle what is in doubt, two at a time; users of the broker like desks."""
    desk_settings: tuple[DeskSettings, ...] = ()
    rules: RuleBook | None = None
    """The first version of the rule book; later ones are proposed and approved."""
    people: tuple[Person, ...] = ()
    """Who may approve, release and stop what, by role; users of the broker like desks."""
    reporting: Reporting = Reporting()
    """Identifiers that regulators know us, desks, accounts, instruments and venues by."""
    surveillance: SurveillanceSettings = SurveillanceSettings()

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        venues = {venue.Venue for venue in self.venues}
        for instrument in self.instruments:
            for venue in instrument.Venues:
                if venue not in venues:
                    raise ValueError(f"instrument {instrument.Symbol} names venue {venue}")
        for account in self.accounts:
            for desk in account.Desks:
                if desk not in self.desks:
                    raise ValueError(f"account {account.Account} names desk {desk}")
        for operator in self.operators:
            if operator in self.desks or self.operators.count(operator) > 1:
                raise ValueError(f"operators: {operator} is taken; give each person a name")
        names = [person.Name for person in self.people]
        for person in self.people:
            if person.Name in self.desks or names.count(person.Name) > 1:
                raise ValueError(f"people: {person.Name} is taken; give each person a name")
            if person.Desk is not None and person.Desk not in self.desks:
                raise ValueError(f"people: {person.Name} names desk {person.Desk}")
        for agreed in self.desk_settings:
            if agreed.Desk not in self.desks:
                raise ValueError(f"desk_settings name desk {agreed.Desk}")
            if agreed.CancelOnDisconnect is not None and agreed.CancelOnDisconnect < 1:
                raise ValueError(f"CancelOnDisconnect of desk {agreed.Desk} is less than 1 second")
            if (
                min(
                    agreed.ThrottleNoMsgs if agreed.ThrottleNoMsgs is not None else 1,
                    agreed.ThrottleTimeInterval,
                )
                < 1
            ):
                raise ValueError(
                    f"ThrottleNoMsgs or -TimeInterval of desk {agreed.Desk} is under 1"
                )
        accounts = {account.Account for account in self.accounts}
        surveillance.check(self.surveillance, {i.Symbol for i in self.instruments}, accounts)
        return self

    @model_validator(mode="after")
    def _reporting_names_exist(self) -> Self:
        about = self.reporting
        for table, named, known in (
            ("desks", [d.Desk for d in about.desks], set(self.desks)),
            ("accounts", [a.Account for a in about.accounts], {a.Account for a in self.accounts}),
            (
                "instruments",
                [i.Symbol for i in about.instruments],
                {i.Symbol for i in self.instruments},
            ),
            ("venues", [v.Venue for v in about.venues], {v.Venue for v in self.venues}),
        ):
            if odd := [name for name in named if name not in known or named.count(name) > 1]:
                raise ValueError(f"reporting.{table} names {odd[0]}, which is not one of {table}")
        return self

    def tradable(self) -> dict[str, tuple[str, ...]]:
        """The accounts that each desk may trade."""
        return {
            desk: tuple(a.Account for a in self.accounts if desk in a.Desks) for desk in self.desks
        }

    @property
    def users(self) -> tuple[Name, ...]:
        """Everybody who sends and hears: desks, operators and other people."""
        return (*self.desks, *self.roles)

    @property
    def roles(self) -> dict[Name, tuple[Role, ...]]:
        """Who may decide what; whoever is listed as an operator is one."""
        found: dict[Name, tuple[Role, ...]] = dict.fromkeys(self.operators, (Role.Operator,))
        for person in self.people:
            found[person.Name] = tuple(dict.fromkeys((*found.get(person.Name, ()), *person.Roles)))
        return found

    @property
    def scopes(self) -> dict[KillScope, frozenset[Name]]:
        """What a kill may be of, beside the whole firm."""
        return {
            KillScope.Desk: frozenset(self.desks),
            KillScope.Account: frozenset(a.Account for a in self.accounts),
            KillScope.Instrument: frozenset(i.Symbol for i in self.instruments),
            KillScope.Venue: frozenset(v.Venue for v in self.venues),
        }

    @property
    def calendars(self) -> tuple[Name, ...]:
        """The exchange calendars that instruments trade by."""
        return tuple(dict.fromkeys(i.Calendar for i in self.instruments if i.Calendar))

    def knows(self, address: Address) -> bool:
        """Whether there may be an actor at ``address``."""
        kind, _, name = address.partition("/")
        match kind:
            case "account":
                return any(a.Account == name for a in self.accounts)
            case "book":
                return any(i.Symbol == name for i in self.instruments)
            case "venue":
                return any(v.Venue == name for v in self.venues)
            case _:
                return kind in (
                    "compliance", "surveillance", "rulebook", "killswitch", "ingress", "egress",
                )  # fmt: skip

    def about(self, address: Address, data: Path | None = None) -> Iterator[Message]:
        """What the actor at ``address`` is told when it starts.

        ``data``: the installation, for what is not in the file: trading days, what venues do.

        Raises:
            CalendarUnknown: the book's instrument trades by days that are not there.
        """
        kind, _, name = address.partition("/")
        match kind:
            case "account":
                yield from (a for a in self.accounts if a.Account == name)
                yield from self.instruments
                if self.rules:
                    yield RulesIssued(Version=1, Rules=self.rules.of_account(name))
            case "book":
                for instrument in self.instruments:
                    if instrument.Symbol == name:
                        yield from self._about_book(instrument, data)
                if self.rules:
                    yield RulesIssued(Version=1, Rules=self.rules.of_symbol(name))
            case "rulebook":
                if self.rules:
                    yield RulesIssued(Version=1, Rules=self.rules)
                yield RuleBookScope(
                    Accounts=tuple(a.Account for a in self.accounts),
                    Symbols=tuple(i.Symbol for i in self.instruments),
                )
            case "killswitch":
                yield KillDirectory(
                    Accounts={a.Account: a.Desks for a in self.accounts},
                    Symbols=tuple(i.Symbol for i in self.instruments),
                    Venues=tuple(v.Venue for v in self.venues),
                )
            case "venue":
                yield from (v for v in self.venues if v.Venue == name)
                yield VenueScope(
                    Venue=name,
                    Accounts=tuple(a.Account for a in self.accounts),
                    Symbols=tuple(i.Symbol for i in self.instruments if name in i.Venues),
                )
            case "surveillance":
                yield surveillance.definition(self.surveillance, self.instruments)
                if data is not None:
                    yield from (calendars.read(data, name) for name in self.calendars)

    def _about_book(self, instrument: InstrumentDefinition, data: Path | None) -> Iterator[Message]:
        yield instrument
        yield from (able(v, data) for v in self.venues if v.Venue in instrument.Venues)
        if instrument.Calendar and data is not None:
            yield calendars.read(data, instrument.Calendar)


def load(path: Path = SAMPLE) -> Reference:
    """Read and check a reference file.

    Raises:
        ReferenceRefused: missing, not TOML, or a field is wrong.
    """
    try:
        with path.open("rb") as file:
            # strict models take tuples and enums from JSON only, so TOML goes through it
            return Reference.model_validate_json(json.dumps(tomllib.load(file)))
    except OSError as error:
        raise ReferenceRefused(f"{path}: {error.strerror}; name a file with --config") from error
    except tomllib.TOMLDecodeError as error:
        raise ReferenceRefused(f"{path}: {error}") from error
    except ValidationError as error:
        raise ReferenceRefused(f"{path}: {_in_one_line(error)}") from error


def _in_one_line(error: ValidationError) -> str:
    """The first fault with the field it is in, and how many more there are."""
    first, *others = error.errors(include_url=False)
    field = ".".join(map(str, first["loc"]))
    more = f" (and {len(others)} more)" if others else ""
    return f"{field}: {first['msg'].removeprefix('Value error, ')}{more}".removeprefix(": ")
