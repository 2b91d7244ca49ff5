"""From a checked source to a receipt: staging, one POST at a time, following, and parts in doubt."""
