"""The paper exchange: FIX 4.4, and a possible repeat of an order is never worked twice."""

from gateways.fix.dialects.fix44 import Fix44
from messages import fix


class Paper(Fix44):
    """PossResend(97)=Y on D, F and G; nanoseconds, as the product keeps time."""

    name = "Paper"
    time_digits = 9
    knows_poss_resend = True
    ord_types = frozenset(fix.OrdType)
    times_in_force = frozenset(fix.TimeInForce)
    exec_insts = frozenset(fix.ExecInst)
    cash_order_qty = True
    market_data = True
    mass_status = True
