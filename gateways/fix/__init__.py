"""The FIX border of a venue connection: dialects (messages to tags and back) and the session."""
