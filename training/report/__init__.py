"""What was measured, to look at: pages of one model (page.py) or two (versus.py); a search."""
