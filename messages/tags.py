"""FIX tag numbers of the fields that desks see, and what the fields are that FIX does not know.

A name stands for the same field wherever it occurs, so one table serves every message.
"""

TAGS: dict[str, int] = {
    "Account": 1,
    "AvgPx": 6,
    "ClOrdID": 11,
    "CumQty": 14,
    "ExecID": 17,
    "LastMkt": 30,
    "LastPx": 31,
    "LastQty": 32,
    "MsgType": 35,
    "OrderID": 37,
    "OrderQty": 38,
    "OrdStatus": 39,
    "OrdType": 40,
    "OrigClOrdID": 41,
    "Price": 44,
    "Side": 54,
    "Symbol": 55,
    "Text": 58,
    "TimeInForce": 59,
    "TransactTime": 60,
    "PossResend": 97,
    "ExDestination": 100,
    "CxlRejReason": 102,
    "OrdRejReason": 103,
    "ExecType": 150,
    "LeavesQty": 151,
    "RefMsgType": 372,
    "BusinessRejectRefID": 379,
    "BusinessRejectReason": 380,
    "CxlRejResponseTo": 434,
    "MassCancelRequestType": 530,
    "MassCancelResponse": 531,
    "TotalAffectedOrders": 533,
    "MassStatusReqID": 584,
    "MassStatusReqType": 585,
    "OrdStatusReqID": 790,
    "TotNumReports": 911,
    "LastRptRequested": 912,
}
"""Field name to tag (FIX 4.4)."""

OURS: dict[str, str] = {
    "ReportPendingNew": "ask for a report with ExecType PendingNew once the order is durable",
    "ReportSeq": "dense per desk and account, from 1: a gap is a report that is missing, a repeat "
    "carries the same number",
    "Refusal": "what was refused and what to do about it, field by field; Text has it in a line",
    "Rule": "the rule that refused",
    "Field": "the field it looked at",
    "Given": "what was given there",
    "Allowed": "what is allowed",
    "Remedy": "what to do",
}
"""Fields that FIX has no tag for, and what they say."""
