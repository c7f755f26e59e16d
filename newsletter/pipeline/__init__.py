"""The use cases: each reads like a checklist, owns its transactions and decides nothing that a maker can decide."""
