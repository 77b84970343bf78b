"""Who and what regulators know: identifiers that no order carries, from the reference data.

All optional: what is missing is named by the field check of the export that needs it, not at the
start of an installation that exports nothing.
"""

from messages.base import Message, Name


class ReportingFirm(Message):
    """Us. ``CatImid``: CRD number and IMID, ``140802:DART``; ``Lei``: ISO 17442."""

    CatImid: str | None = None
    Lei: str | None = None
    Country: str | None = None
    """ISO 3166 of the branch that trades."""
    InvestmentFirm: bool = True
    Capacity: str = "AOTC"
    """DEAL, MTCH or AOTC."""
    Algorithm: str | None = None
    """The id of what routes and executes where no person does (RTS 24 field 5, RTS 22 field 59)."""


class ReportingDesk(Message):
    """A desk. ``CatImid`` where it is another CAT reporter: its orders are accepted, not new."""

    Desk: Name
    DeptType: str = "A"
    CatImid: str | None = None
    DecisionMaker: str | None = None
    """The person or algorithm that decides to invest (RTS 24 field 4, RTS 22 field 57)."""


class ReportingAccount(Message):
    """An account. ``Representative``: it is filled from orders of the firm's own."""

    Account: Name
    FirmDesignatedID: str | None = None
    AccountHolderType: str | None = None
    Affiliate: bool = False
    Representative: bool = False
    ClientID: str | None = None
    """LEI, or the national id of a person (RTS 24 field 3; buyer or seller of RTS 22)."""
    DecisionMaker: str | None = None
    """Who decides for the client under a mandate (RTS 22 fields 12 and 21)."""


class ReportingInstrument(Message):
    """An instrument. ``CatSymbol``: in the symbology of the primary listing exchange."""

    Symbol: Name
    CatSymbol: str | None = None
    CatReportable: bool = True
    Isin: str | None = None
    FullName: str | None = None
    Cfi: str | None = None
    """Classification, ISO 10962."""
    MifidReportable: bool = True


class ReportingVenue(Message):
    """A venue. ``DestinationType``: E exchange, F broker, N foreign, I we execute ourselves."""

    Venue: Name
    Mic: str | None = None
    CatDestination: str | None = None
    DestinationType: str = "E"
    ReportingException: str | None = None
    """For DestinationType I: the exception code of trades that no tape reports."""


class Reporting(Message):
    """The tables ``[reporting.firm]``, ``[[reporting.desks]]`` and so on of the reference file."""

    firm: ReportingFirm = ReportingFirm()
    desks: tuple[ReportingDesk, ...] = ()
    accounts: tuple[ReportingAccount, ...] = ()
    instruments: tuple[ReportingInstrument, ...] = ()
    venues: tuple[ReportingVenue, ...] = ()

    def desk(self, name: str) -> ReportingDesk:
        """That desk; without a row of its own: with what holds where nothing is said."""
        return next((d for d in self.desks if d.Desk == name), ReportingDesk(Desk=name))

    def account(self, name: str) -> ReportingAccount:
        """That account."""
        found = (a for a in self.accounts if a.Account == name)
        return next(found, ReportingAccount(Account=name))

    def instrument(self, symbol: str) -> ReportingInstrument:
        """That instrument."""
        found = (i for i in self.instruments if i.Symbol == symbol)
        return next(found, ReportingInstrument(Symbol=symbol))

    def venue(self, name: str) -> ReportingVenue:
        """That venue."""
        return next((v for v in self.venues if v.Venue == name), ReportingVenue(Venue=name))
