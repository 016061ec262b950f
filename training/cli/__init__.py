"""The workshop in the terminal: one file a command."""
