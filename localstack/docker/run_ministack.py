"""MiniStack, which ends when whoever started it is gone: standard input closes then."""

import os
import threading

from ministack.app import main


def end_with_parent() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
main()
