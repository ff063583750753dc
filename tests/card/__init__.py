"""The card: its modules in node, all of it in Chromium."""
