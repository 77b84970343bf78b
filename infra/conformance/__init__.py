"""Conformance: FIX's order state change matrices, played through the system row by row.

One player has the logic of the rows; where it plays, live or in process, is a stage.
"""
