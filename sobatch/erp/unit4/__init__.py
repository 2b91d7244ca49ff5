"""Unit4 ERPx: what an order is (offline), and its asynchronous batch API."""
