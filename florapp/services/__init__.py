"""What the window works with, without widgets: the strip, answers, the webcam, settings."""
