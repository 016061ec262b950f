"""What the window works with, without widgets: the strip, the answering, intake, settings."""
