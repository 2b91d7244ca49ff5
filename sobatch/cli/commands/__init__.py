"""One thin file a command: its options and help, then the work, then what is shown."""
