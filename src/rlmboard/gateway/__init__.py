"""Other programs become runs, over a wire."""
