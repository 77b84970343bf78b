"""The rule book: versions that two people agreed on, and what is lent of limits that are shared.

A version is proposed by one operator and approved by another, takes effect at its time (a timer),
and is issued to every account and book. Of a shared limit no more is ever lent than there is: a
share is free again only when its holder has said that it let go of it.
"""

from collections.abc import Iterator
from typing import assert_never

from pydantic import TypeAdapter

from actors.actor import Actor, Send, Timer, inbox, journaled
from actors.rulebook import lending
from actors.rulebook.state import Effects, Loan, Proposal, RuleBookState, Version
from messages import events as ev
from messages.base import Instant, format_time
from messages.envelope import Address
from messages.operators import FromOperator, OperatorRequest
from messages.rulebook import (
    ApproveRules,
    LeaseWanted,
    ProposeRules,
    RejectRules,
    RuleBookScope,
    RulesDue,
    RulesIssued,
    RulesReport,
    RulesStatus,
)

RuleBookMessage = RuleBookScope | RulesIssued | FromOperator | RulesDue | LeaseWanted


class RuleBookKeeper(Actor[RuleBookMessage, ev.RuleBookEvent, RuleBookState]):
    """The one rule book of an installation, addressed ``rulebook/0``."""

    INBOX = inbox(RuleBookMessage)
    EVENTS = journaled(ev.RuleBookEvent)
    STATE = TypeAdapter(RuleBookState)

    def __init__(self, address: Address) -> None:
        super().__init__(address, RuleBookState())

    def receive(self, message: RuleBookMessage, now: Instant) -> Effects:
        match message:
            case FromOperator():
                yield from self._said(message.Operator, message.Request, now)
            case LeaseWanted():
                yield from lending.lend(self.state, message, now)
            case RulesDue():
                yield from self._take_effect(message.Version, now)
            case RulesIssued():
                if not self.state.versions:  # those of reference data are the first and no more
                    yield ev.RulesInForce(Version=message.Version, Rules=message.Rules, At=now)
            case RuleBookScope():
                yield from self._scope(message)
            case _:
                assert_never(message)

    # ---- versions

    def _said(self, operator: str, wish: OperatorRequest, now: Instant) -> Effects:
        match wish:
            case ProposeRules():
                yield from self._propose(operator, wish, now)
            case ApproveRules():
                yield from self._approve(operator, wish, now)
            case RejectRules():
                yield from self._reject(operator, wish, now)

    def _propose(self, operator: str, wish: ProposeRules, now: Instant) -> Effects:
        name = wish.proposal_id
        known = self.state.proposals.get(name)
        latest = self._latest()
        if known and known.author != operator:
            text = f"{known.author} proposed exactly this; approve it, or change the reason"
            yield from self._refuse(operator, name, text, now)
            return
        if known is None:
            if wish.EffectiveAt is not None and wish.EffectiveAt < now:
                text = f"EffectiveAt {format_time(wish.EffectiveAt)} is past; leave it out for now"
                yield from self._refuse(operator, name, text, now)
                return
            yield ev.RulesProposed(
                ProposalID=name,
                Rules=wish.Rules,
                Base=latest,
                EffectiveAt=wish.EffectiveAt,
                Reason=wish.Reason,
                Author=operator,
                At=now,
            )
        yield self._report(operator, name, now)

    def _approve(self, operator: str, wish: ApproveRules, now: Instant) -> Effects:
        name = wish.ProposalID
        known = self.state.proposals.get(name)
        if known and known.version and self.state.versions[known.version].approver == operator:
            yield self._report(operator, name, now)
            return
        fault = self._open(known) or self._not_approvable(operator, known)
        if known is None or fault:
            yield from self._refuse(operator, name, fault or "", now)
            return
        number = self._latest() + 1
        before = self.state.versions.get(number - 1)
        at = max(known.effective_at or now, now, before.effective_at if before else 0)
        yield ev.RulesApproved(
            ProposalID=name, Version=number, EffectiveAt=at, Approver=operator, At=now
        )
        if at <= now:
            yield from self._take_effect(number, now)
            return
        yield Timer(f"rules-{number}", at, RulesDue(Version=number))
        yield from self._tell(number, now)

    def _reject(self, operator: str, wish: RejectRules, now: Instant) -> Effects:
        name = wish.ProposalID
        known = self.state.proposals.get(name)
        if known and known.rejected_by == operator:
            yield self._report(operator, name, now)
            return
        if known is None or (fault := self._open(known)):
            text = fault if known else self._open(known)
            yield from self._refuse(operator, name, text or "", now)
            return
        yield ev.RulesRejected(ProposalID=name, Operator=operator, Reason=wish.Reason, At=now)
        for person in dict.fromkeys((known.author, operator)):
            yield self._report(person, name, now, wish.Reason)

    def _open(self, known: Proposal | None) -> str | None:
        """Why nothing can be decided about it any more."""
        if known is None:
            return "there is no such proposal; see: oms rules history"
        if known.version:
            return f"it is version {known.version} already"
        if known.rejected_by:
            return f"{known.rejected_by} rejected it; propose it again with another reason"
        return None

    def _not_approvable(self, operator: str, known: Proposal | None) -> str | None:
        assert known is not None
        if operator == known.author:
            return f"{operator} proposed it; another person must approve it"
        if known.base != self._latest():
            return (
                f"it was written against version {known.base}, and there is {self._latest()} now; "
                f"propose it again on top of that"
            )
        return None

    def _latest(self) -> int:
        return max(self.state.versions, default=0)

    def _take_effect(self, number: int, now: Instant) -> Effects:
        if number <= self.state.in_force:
            return
        yield ev.RulesInForce(Version=number, At=now)
        yield from self._issue(tuple(self.state.issued))
        yield from self._tell(number, now)

    def _tell(self, number: int, now: Instant) -> Iterator[Send]:
        version = self.state.versions[number]
        for person in (version.author, version.approver):
            yield self._report(person, version.ProposalID, now)

    def _scope(self, scope: RuleBookScope) -> Effects:
        """Accounts and books that are new are told what holds; the others have heard it.

        What reference data say first, everybody hears from them.
        """
        accounts = (f"account/{name}" for name in scope.Accounts)
        books = (f"book/{name}" for name in scope.Symbols)
        known = dict.fromkeys((*accounts, *books))
        fresh = tuple(name for name in known if name not in self.state.issued)
        gone = tuple(name for name in self.state.issued if name not in known)
        if not fresh and not gone:
            return
        yield ev.RulesSent(Version=self.state.in_force, Recipients=fresh, Gone=gone or None)
        if self.state.in_force and self.state.versions[self.state.in_force].author:
            yield from self._sends(fresh)

    def _issue(self, recipients: tuple[str, ...]) -> Effects:
        if recipients:
            yield ev.RulesSent(Version=self.state.in_force, Recipients=recipients)
            yield from self._sends(recipients)

    def _sends(self, recipients: tuple[str, ...]) -> Iterator[Send]:
        rules, version = self.state.rules, self.state.in_force
        assert rules is not None
        for address in recipients:
            kind, _, name = address.partition("/")
            part = rules.of_account(name) if kind == "account" else rules.of_symbol(name)
            yield Send(address, RulesIssued(Version=version, Rules=part))

    def _refuse(self, operator: str, name: str, text: str, now: Instant) -> Effects:
        yield ev.RulesRefused(ProposalID=name, Operator=operator, Text=text)
        report = RulesReport(
            ProposalID=name, RulesStatus=RulesStatus.Refused, Text=text, TransactTime=now
        )
        yield Send(f"desk/{operator}", report)

    def _report(self, person: str, name: str, now: Instant, text: str | None = None) -> Send:
        known = self.state.proposals[name]
        version = self.state.versions.get(known.version or 0)
        status = RulesStatus.Proposed
        if known.rejected_by:
            status = RulesStatus.Rejected
        elif version:
            in_force = version.number <= self.state.in_force
            status = RulesStatus.InForce if in_force else RulesStatus.Approved
        report = RulesReport(
            ProposalID=name,
            RulesStatus=status,
            Version=known.version,
            EffectiveAt=version.effective_at if version else known.effective_at,
            Author=known.author,
            Approver=version.approver if version else None,
            Reason=known.reason,
            Text=text,
            TransactTime=now,
        )
        return Send(f"desk/{person}", report)

    def apply(self, event: ev.RuleBookEvent) -> None:
        state = self.state
        match event:
            case ev.RulesProposed():
                state.proposals[event.ProposalID] = Proposal(
                    event.Rules, event.Base, event.Author, event.Reason, event.EffectiveAt
                )
            case ev.RulesApproved():
                known = state.proposals[event.ProposalID]
                known.version = event.Version
                state.versions[event.Version] = Version(
                    event.Version, known.rules, event.EffectiveAt, event.ProposalID,
                    known.author, event.Approver, known.reason,
                )  # fmt: skip
            case ev.RulesRejected():
                state.proposals[event.ProposalID].rejected_by = event.Operator
            case ev.RulesInForce():
                if event.Rules is not None:
                    state.versions[event.Version] = Version(event.Version, event.Rules, event.At)
                state.in_force = event.Version
            case ev.RulesSent():
                state.issued |= dict.fromkeys(event.Recipients, event.Version)
                for name in event.Gone or ():
                    state.issued.pop(name, None)
            case ev.LeaseChanged():
                loans = state.loans.setdefault(event.Pool, {})
                loans[event.Account] = Loan(event.Lent, event.Wanted, event.Word)
                if event.RecalledAt is not None:
                    state.recalled[event.Pool] = event.RecalledAt
            case ev.RulesRefused():
                pass  # said and recorded; nothing to remember
            case _:
                assert_never(event)
