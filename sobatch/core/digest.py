"""What a helper does with a chunk of orders: examine all of them and pack the sums, so that they can cross a pipe."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable

from sobatch.core.examine import Examiner
from sobatch.core.scan import Scanner
from sobatch.core.spec import Spec
from sobatch.core.stretch import Broken
from sobatch.core.tally import Sums


def digest_for(examiner: Examiner, spec: Spec, max_order: int) -> Callable[[bytes], bytes | None]:
    """The function that helpers run: the packed `Sums` of a chunk, or None when its text is no row of whole orders."""

    def digest(text: bytes) -> bytes | None:
        sums = Sums()
        for piece in Scanner(io.BytesIO(b"[" + text + b"]"), spec.order_type, max_order=max_order):
            if isinstance(piece, Broken):
                return None
            examiner.add(piece, sums, piece.offset - 1)  # the scanner was given a bracket in front
        return pickle.dumps(sums, pickle.HIGHEST_PROTOCOL)

    return digest
