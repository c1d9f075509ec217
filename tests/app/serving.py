"""The application behind a real socket of this machine, for programs that speak HTTP."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

PATIENCE = 30.0


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve `app` on a free port of the loopback; its address without a slash at the end.

    No timer runs: the test moves the clock.
    """
    config = uvicorn.Config(app, lifespan="off", log_config=None, ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        waited = time.monotonic() + PATIENCE
        while not server.started:
            if time.monotonic() > waited or not thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
