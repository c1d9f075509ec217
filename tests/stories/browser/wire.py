"""A cable between one browser and the server that can be pulled out and put back."""

import select
import socket
import threading
from dataclasses import dataclass, field


@dataclass
class Wire:
    """Relays loopback connections to `port`; `url` is what the browser is told."""

    port: int
    whole: bool = True
    ends: list[socket.socket] = field(default_factory=list)
    listener: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def url(self) -> str:
        """Where the near end is."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def cut(self) -> None:
        """Break every connection, and every new one."""
        self.whole = False
        for end in self.ends:
            _shut(end)
        self.ends.clear()

    def mend(self) -> None:
        """New connections pass again."""
        self.whole = True

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.cut()
        self.listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if not self.whole:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", self.port))
            self.ends += [near, far]
            threading.Thread(target=_relay, args=(near, far), daemon=True).start()


def _relay(near: socket.socket, far: socket.socket) -> None:
    other = {near: far, far: near}
    try:
        while True:
            for ready in select.select([near, far], [], [])[0]:
                data = ready.recv(65536)
                if not data:
                    return
                other[ready].sendall(data)
    except (OSError, ValueError):
        return
    finally:
        _shut(near)
        _shut(far)


def _shut(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        end.close()
