"""The window: widgets that arrange, connect and paint."""
