"""Messages become SMTP transactions, and replies become states of the ledger."""
