"""MYOB EXO: one order a call, checked by the server beforehand where that is wished."""
