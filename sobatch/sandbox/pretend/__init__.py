"""What every pretend ERP shares: the store, calls and answers, faults, the record of what happened."""
