"""The person who sends the order may (SEC 15c3-5(c)(2)(iii): authorised persons only)."""

from actors.account.state import AccountState
from actors.rules.proposal import Objection, Proposal

FIELD = "SenderSubID"


def check(proposal: Proposal, state: AccountState) -> Objection | None:
    """SenderSubID(50) is the desk's own word; desk and account are held against the rule book."""
    name = proposal.trader
    traders = state.rules.Traders if state.rules else {}
    required = "RequireTrader" in proposal.limits.levels
    if name is None:
        if not required:
            return None
        return Objection(FIELD, "(missing)", "must say who sends it", "send the trader's name")
    known = traders.get(name)
    if known is None:
        if not required:
            return None
        return Objection(FIELD, name, "is no trader of the rule book", "have them added to it")
    if known.Desk != proposal.desk:
        allowed = f"is a trader of desk {known.Desk}"
        return Objection(FIELD, name, allowed, "let a trader of the desk send it")
    if known.Accounts is not None and proposal.account not in known.Accounts:
        allowed = f"may trade {', '.join(known.Accounts) or 'no account'}"
        return Objection(FIELD, name, allowed, "let somebody send it who may trade the account")
    return None
