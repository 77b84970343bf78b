"""The paper exchange: FIX 4.4, and a possible repeat of an order is never worked twice."""

from gateways.fix.dialects.fix44 import Fix44


class Paper(Fix44):
    """PossResend(97)=Y on D, F and G; nanoseconds, as the product keeps time."""

    name = "Paper"
    time_digits = 9
    knows_poss_resend = True
