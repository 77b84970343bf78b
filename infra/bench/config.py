"""Reference data made by a program, as the TOML file that an installation is started with."""

from decimal import Decimal
from pathlib import Path

from infra.as_toml import toml
from infra.reference import Reference
from messages.reference import (
    AccountDefinition,
    DeskSettings,
    InstrumentDefinition,
    Limits,
    VenueDefinition,
)

DESK = "alpha"
PEOPLE = ("ann", "bob")
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


def people(accounts: int, instruments: int, port: int) -> Reference:
    """As ``market``, with two operators, and one venue for which somebody listens at ``port``."""
    found = market(accounts, instruments)
    venue = found.venues[0].model_copy(update={"Port": port})
    return found.model_copy(update={"operators": PEOPLE, "venues": (venue,)})


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
