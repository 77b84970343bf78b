"""Surveillance from outside: its reference data, and the proof of what its patterns recognise."""

from collections.abc import Container, Iterable

from messages.reference import InstrumentDefinition
from messages.thresholds import SurveillanceDefinition, SurveillanceSettings, Watched


def definition(
    told: SurveillanceSettings, instruments: Iterable[InstrumentDefinition]
) -> SurveillanceDefinition:
    """What a shard is told: every instrument with its multiplier and calendar, described or not."""
    known = {one.Symbol: one for one in told.Instruments}
    watched = []
    for instrument in instruments:
        one = known.get(instrument.Symbol) or Watched(Symbol=instrument.Symbol)
        given = {
            "ContractMultiplier": instrument.ContractMultiplier,
            "Calendar": instrument.Calendar,
        }
        watched.append(one.model_copy(update=given))
    return SurveillanceDefinition(
        Bands=told.Bands,
        Instruments=tuple(watched),
        Parties=told.Parties,
        Restrictions=told.Restrictions,
    )


def check(told: SurveillanceSettings, symbols: Container[str], accounts: Container[str]) -> None:
    """Whether every name means something.

    Raises:
        ValueError: one does not.
    """
    bands = {band.Band for band in told.Bands}
    for one in told.Instruments:
        if one.Symbol not in symbols:
            raise ValueError(f"surveillance names instrument {one.Symbol}, which is none")
        if one.Band is not None and one.Band not in bands:
            known = ", ".join(sorted(bands)) or "none"
            raise ValueError(f"surveillance: {one.Symbol} is in band {one.Band}; bands: {known}")
    for restriction in told.Restrictions:
        if restriction.Symbol not in symbols:
            raise ValueError(f"surveillance restricts {restriction.Symbol}, which is none")
    named = [party.Account for party in told.Parties]
    named += [account for restriction in told.Restrictions for account in restriction.Accounts]
    for account in named:
        if account not in accounts:
            raise ValueError(f"surveillance names account {account}, which is none")
