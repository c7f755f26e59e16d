"""Articles and choices become Letters, and Letters become messages' bodies: pure."""
