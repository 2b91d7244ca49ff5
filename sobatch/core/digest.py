"""What a helper does with a chunk of orders: examine all of them and pack the sums, so that they can cross a pipe."""

from __future__ import annotations

import pickle
from collections.abc import Callable

from sobatch.core.examine import Examiner
from sobatch.core.prove import proved
from sobatch.core.spec import Spec
from sobatch.core.tally import Sums
from sobatch.core.typed import typed


def digest_for(examiner: Examiner, spec: Spec, max_order: int) -> Callable[[bytes], bytes | None]:
    """The function that helpers run: the packed `Sums` of a chunk, or None when its text is no row of whole orders."""
    decoder = typed(spec.order_type)

    def digest(array: bytes) -> bytes | None:
        stretch = proved(array, 0, decoder) if len(array) <= max_order else None
        if stretch is None:
            return None
        sums = Sums()
        examiner.add(stretch, sums)
        return pickle.dumps(sums, pickle.HIGHEST_PROTOCOL)

    return digest
