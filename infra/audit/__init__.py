"""What proves the journals from outside: anchors in a second store, the clock, retention.

Nothing here is on an order's path: one process of its own reads journals and the kernel's clock,
and writes to its own store only.
"""
