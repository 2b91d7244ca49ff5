"""What a command does, and what a program may call: settings, files and a session in, values out."""
