"""What the journal has to tell: reports, exports, finding and forgetting runs."""
