"""The books: all SQL of the program."""
