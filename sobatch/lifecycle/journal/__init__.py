"""The journal on disk: schema, moves, questions, the ledger, and the lock of the one sender."""
