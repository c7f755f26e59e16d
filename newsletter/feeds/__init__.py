"""Articles become feed documents: pure."""
