"""Reference data made by a program, as the TOML file that an installation is started with."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.reference import Reference
from messages.reference import (
    AccountDefinition,
    DeskSettings,
    InstrumentDefinition,
    Limits,
    VenueDefinition,
)

DESK = "alpha"
PRICE = Decimal(100)
TICK = Decimal("0.01")

AMPLE = Decimal(10) ** 12
"""No limit made of this refuses an order of a bench, and yet every rule is evaluated."""


def market(accounts: int, instruments: int, venues: int = 1) -> Reference:
    """One desk that trades so many accounts, so many instruments, each at every venue.

    It takes its reports in lists when many wait, as a desk with so many should.
    """
    names = [f"X{number}" for number in range(1, venues + 1)]
    return Reference(
        desks=(DESK,),
        desk_settings=(DeskSettings(Desk=DESK, PackReports=True),),
        venues=tuple(paper(name) for name in names),
        instruments=tuple(
            InstrumentDefinition(
                Symbol=f"I{number}",
                ReferencePx=PRICE,
                TickSize=TICK,
                LotSize=Decimal(1),
                ContractMultiplier=Decimal(1),
                Venues=tuple(names),
            )
            for number in range(1, instruments + 1)
        ),
        accounts=tuple(
            AccountDefinition(
                Account=f"a{number}",
                Desks=(DESK,),
                Cash={"USD": AMPLE * 100},
                Limits=Limits(
                    MaxOrderQty=AMPLE,
                    MaxNotional=AMPLE * 10,
                    PriceCollar=Decimal("0.5"),
                    MaxPosition=AMPLE,
                ),
            )
            for number in range(1, accounts + 1)
        ),
    )


def paper(name: str) -> VenueDefinition:
    """A paper exchange of our own, on a free port."""
    return VenueDefinition(
        Venue=name,
        Dialect="Paper",
        SenderCompID="OMS",
        TargetCompID=name,
        Host="127.0.0.1",
        Port=0,
    )


def write(path: Path, reference: Reference) -> None:
    """Write ``reference`` as a file that ``infra.reference.load`` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(toml(reference))


def toml(reference: Reference) -> str:
    """``reference`` as TOML: one line for each desk, venue, instrument and account."""
    tables = reference.model_dump(mode="json", exclude_none=True)
    return "".join(f"{name} = {_table(rows)}\n" for name, rows in tables.items())


def _table(rows: Any) -> str:
    if isinstance(rows, dict):
        return _value(rows)
    return f"[\n{''.join(f'    {_value(row)},{chr(10)}' for row in rows)}]"


def _value(value: Any) -> str:
    match value:
        case dict():
            pairs = (f"{json.dumps(key)} = {_value(one)}" for key, one in value.items())
            return "{ " + ", ".join(pairs) + " }"
        case list():
            return "[" + ", ".join(map(_value, value)) + "]"
        case _:
            return json.dumps(value)  # TOML writes strings, integers and booleans as JSON does
