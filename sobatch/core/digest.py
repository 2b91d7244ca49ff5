"""What a helper does with a chunk of orders: examine all of them and pack the sums, so that they can cross a pipe."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable

from sobatch.core.examine import Examiner
from sobatch.core.scan import Scanner
from sobatch.core.spec import Spec
from sobatch.core.stretch import UNPARSED, Broken, Form, Stretch
from sobatch.core.tally import Sums
from sobatch.core.typed import typed


def digest_for(examiner: Examiner, spec: Spec, max_order: int) -> Callable[[bytes], bytes | None]:
    """The function that helpers run: the packed `Sums` of a chunk, or None when its text is no row of whole orders."""
    decoder = typed(spec.order_type)

    def digest(array: bytes) -> bytes | None:
        sums = Sums()
        try:
            orders, members = decoder.array(array)
        except UNPARSED:
            if not _scan(array, sums):
                return None
        else:
            examiner.add(Stretch(0, array, Form.ARRAY, orders, None, None, True, members), sums)
        return pickle.dumps(sums, pickle.HIGHEST_PROTOCOL)

    def _scan(array: bytes, sums: Sums) -> bool:
        for piece in Scanner(io.BytesIO(array), spec.order_type, max_order=max_order):
            if isinstance(piece, Broken):
                return False
            examiner.add(piece, sums, piece.offset - 1)  # the bracket in front is not in the input
        return True

    return digest
