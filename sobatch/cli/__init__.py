"""One thin file per command: options, build, run, result, show."""
