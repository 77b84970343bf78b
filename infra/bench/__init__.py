"""Measuring an installation from the outside: its desks' side of the broker, and its processes.

Nothing here is part of an order's way; what is measured is what a desk sees.
"""
