"""`python -m sobatch` is the same program as the installed command."""

from sobatch.cli.main import entry_point

if __name__ == "__main__":
    entry_point()
