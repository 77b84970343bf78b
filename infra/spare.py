"""What a process imports before it knows which actor it will be, so that nobody waits for it.

Not the FIX engine, which takes 27 MB: nearly every process would have it in the end.
"""

import gc
from importlib import import_module

KNOWN = (
    "infra.rayhost", "infra.hosts.ingress", "infra.hosts.egress", "infra.journals.sqlite",
    "infra.replayed", "actors.account.account", "actors.book", "actors.compliance",
    "actors.killswitch", "actors.rulebook.keeper", "actors.surveillance.surveillance",
    "actors.venue.venue",
)  # fmt: skip

gc.disable()  # none of it ever becomes garbage: to look for some takes a fifth of the time
for name in KNOWN:
    import_module(name)
gc.enable()
