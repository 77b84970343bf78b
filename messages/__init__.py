"""The language of the system: frozen, strict pydantic models named as in FIX. Pure data."""
