"""The venue connection actor: what it knows, what it sends, and what the venue's words mean."""
