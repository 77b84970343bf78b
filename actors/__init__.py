"""The decisions: pure state machines. They import messages and nothing else."""
