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

from infra import calendars
from infra.native import able
from messages.base import Message, Name
from messages.envelope import Address
from messages.reference import (
    AccountDefinition,
    DeskSettings,
    InstrumentDefinition,
    VenueDefinition,
    VenueScope,
)

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
        return self

    def tradable(self) -> dict[str, tuple[str, ...]]:
        """The accounts that each desk may trade."""
        return {
            desk: tuple(a.Account for a in self.accounts if desk in a.Desks) for desk in self.desks
        }

    @property
    def users(self) -> tuple[Name, ...]:
        """Everybody who sends and hears: desks and operators."""
        return (*self.desks, *self.operators)

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
                return kind in ("compliance", "ingress", "egress")

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
            case "book":
                for instrument in self.instruments:
                    if instrument.Symbol == name:
                        yield from self._about_book(instrument, data)
            case "venue":
                yield from (v for v in self.venues if v.Venue == name)
                yield VenueScope(
                    Venue=name,
                    Accounts=tuple(a.Account for a in self.accounts),
                    Symbols=tuple(i.Symbol for i in self.instruments if name in i.Venues),
                )

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
