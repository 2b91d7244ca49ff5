"""sobatch with a sixth ERP: one line in each of the two tables. `python with_sixth.py ARGUMENTS` runs a command."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import cast

import sobatch.erp
import sobatch.sandbox
from sobatch.sandbox.worlds import WORLDS, World

HERE = Path(__file__).parent
WORLD = World("The Sixth", "sixth.app", {"base_url": "{url}", "sixth_key": "sandbox", "branch": "north"})


def added() -> None:
    """Put it into the tables; its folders stand here."""
    sobatch.erp.__path__.append(str(HERE / "erp"))
    sobatch.sandbox.__path__.append(str(HERE / "sandbox"))
    sobatch.erp._FOLDERS["sixth"] = "sobatch.erp.sixth"
    cast(dict[str, World], WORLDS)["sixth"] = WORLD


if __name__ == "__main__":
    added()
    from sobatch.cli.main import main

    sys.exit(main(sys.argv[1:]))
