"""The account actor, by what it does: intake, changes, questions, booking; state and evolve."""
