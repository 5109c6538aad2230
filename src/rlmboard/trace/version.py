"""Which rlmboard this is: written into each run, shown by everything that looks."""

VERSION = "0.1.0"
