"""Cases: what people do about alerts. Each step gets an answer; one that may not be says why."""

from collections.abc import Iterator

from actors.actor import Send
from actors.surveillance import evolve
from actors.surveillance.state import Case, SurveillanceState
from messages import events as ev
from messages.base import Instant
from messages.cases import CaseReport, CaseRequest, CaseStep

Effects = Iterator[ev.CaseMoved | ev.CaseRefused | Send]


def said(state: SurveillanceState, operator: str, wish: CaseRequest, now: Instant) -> Effects:
    """One step of one operator; a repeat of the last one is answered, and changes nothing."""
    case = state.cases.get(wish.AlertID)
    if case and case.said == evolve.said(operator, wish.Step, wish.Assignee, wish.Text):
        yield _report(operator, wish, case, now)
        return
    fault = _fault(case, wish)
    if case is None or fault:
        yield ev.CaseRefused(AlertID=wish.AlertID, Step=wish.Step, Operator=operator, Text=fault)
        yield _report(operator, wish, case or Case(status="Unknown"), now, fault)
        return
    yield ev.CaseMoved(
        AlertID=wish.AlertID,
        Step=wish.Step,
        Operator=operator,
        CaseStatus=_status(case, wish.Step),
        Assignee=wish.Assignee if wish.Step is CaseStep.Assign else case.assignee,
        Text=wish.Text,
        At=now,
    )
    yield _report(operator, wish, state.cases[wish.AlertID], now)


def _fault(case: Case | None, wish: CaseRequest) -> str:
    if case is None:
        return f"AlertID {wish.AlertID} is no alert here; see: oms surveillance alerts"
    match wish.Step:
        case CaseStep.Open if case.status == "Open":
            return f"{wish.AlertID} is open already"
        case CaseStep.Assign if wish.Assignee is None:
            return "Assign needs an Assignee: name the operator who looks into it"
        case CaseStep.Assign if case.status == "Closed":
            return f"{wish.AlertID} is closed; open it again first"
        case CaseStep.Comment if wish.Text is None:
            return "Comment needs a Text"
        case CaseStep.Close if wish.Text is None:
            return "Close needs a Text: the reason"
        case CaseStep.Close if case.status != "Open":
            return (
                f"{wish.AlertID} is {case.status}, and only an Open case is closed: open it first"
            )
    return ""


def _status(case: Case, step: CaseStep) -> str:
    match step:
        case CaseStep.Open | CaseStep.Assign:
            return "Open"
        case CaseStep.Close:
            return "Closed"
        case CaseStep.Comment:
            return case.status


def _report(
    operator: str, wish: CaseRequest, case: Case, now: Instant, fault: str | None = None
) -> Send:
    report = CaseReport(
        AlertID=wish.AlertID,
        Step=wish.Step,
        CaseStatus=case.status,
        Assignee=case.assignee,
        Refused=fault is not None,
        Text=fault or wish.Text,
        TransactTime=now,
    )
    return Send(f"desk/{operator}", report)
