"""What was measured as a page that opens offline: one model (page.py), or two (versus.py)."""
