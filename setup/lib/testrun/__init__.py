"""What ``setup/test`` is made of. Each module does one thing; ``runner`` strings them together."""
