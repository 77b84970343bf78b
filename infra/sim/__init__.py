"""The whole system in one thread, with a clock and faults of its own: what a seed does, it repeats.

Desks, broker, borders, actors, venues, journals and the network between them are here, and of
those the actors, shells, hosts and links are the very code that runs in production: a loop of
asyncio that jumps from event to event stands in for time, sockets and processes.
"""
