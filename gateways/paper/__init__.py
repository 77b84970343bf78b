"""The paper exchange: a venue to trade at without a counterparty, as a process of its own.

It is the other party, so it shares no code with our side of a FIX session: what one side misreads
is then seen, not cancelled out.
"""
