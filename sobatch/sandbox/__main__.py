"""Run the sandbox as a process of its own, for tests that kill its client: `python -m sobatch.sandbox --port 0`.

The first line on standard output is the port; after it nothing is written.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from .server import serve
from .worlds import WORLDS


def main(arguments: Sequence[str]) -> int:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(prog="python -m sobatch.sandbox", description=__doc__)
    parser.add_argument("--erp", choices=[*WORLDS], default=next(iter(WORLDS)), help="whose world it is")
    parser.add_argument("--database", type=Path, required=True, help="SQLite file; made if it is not there")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--options", type=json.loads, default={}, help="a JSON object")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with WORLDS[chosen.erp].open(chosen.database, chosen.options) as sandbox:
        with serve(sandbox, chosen.host, chosen.port, ready=_announce) as server:
            try:
                server.wait()
            except KeyboardInterrupt:
                return 0
    return 0


def _announce(port: int) -> None:
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
