"""What must be true after any run, judged from outside."""
