"""The rule book of an installation: versions, and what is lent of shared limits."""
