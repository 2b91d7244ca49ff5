"""What holds for all tests. Being here lets every room of tests import what stands beside it (`spellings`)."""

from __future__ import annotations

import signal
import threading

if threading.current_thread() is threading.main_thread():
    # Started in the background of a shell, or under nohup, where signals are ignored, also by the commands that tests
    # start and signal.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
