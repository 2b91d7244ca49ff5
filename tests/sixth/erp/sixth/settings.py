"""What can be set for the sixth ERP."""

from sobatch.core.order.setting import Setting, Where, in_flight

SETTINGS = (
    Setting("sixth_key", "secret", None, "The key of the sixth.", Where.ACCESS, secret=True),
    Setting("branch", "text", None, "The branch whose orders these are.", Where.ACCESS, identity=True),
    Setting("most_of_one", "count", 100, "Pieces of one item that are not odd.", Where.CHECK, flag="--most-of-one"),
    in_flight(2),
)
