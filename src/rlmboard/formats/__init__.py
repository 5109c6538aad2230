"""Other tools' words, in and out. Pure; each format is a door of its own."""
