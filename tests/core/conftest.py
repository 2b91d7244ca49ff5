"""The core's test helpers are shared by its rooms: this folder is on the path."""
