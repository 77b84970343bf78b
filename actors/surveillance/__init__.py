"""Surveillance: recognises what the market must not be used for, in the stream of transitions."""
