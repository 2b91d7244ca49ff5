"""What holds for all tests. Being here lets every room of tests import what stands beside it (`spellings`)."""

from __future__ import annotations

import signal
import threading

if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell, where Ctrl-C is ignored, also by the commands that tests start and signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
