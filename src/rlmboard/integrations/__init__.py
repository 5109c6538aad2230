"""Other programs become runs: each integration is a door of its own."""
