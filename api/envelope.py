"""How an answer leaves: head and body in one piece."""

import asyncio

_INTERIM = b"HTTP/1.1 100"


class Envelope(asyncio.Transport):
    """The transport of one answer, which holds back the head until the body's first part comes, or the end.

    uvicorn writes them apart: two calls of the system and two packets for each answer. What is written
    after the client left is dropped: of several requests on a connection, uvicorn tells the last alone.
    """

    def __init__(self, transport: asyncio.Transport, *, has_body: bool) -> None:
        super().__init__()
        self._transport = transport
        self._head = None if has_body else b""
        """What is held back; `None` before it came, empty once it left, or if it is all there will be."""

    def write(self, data: bytes) -> None:  # type: ignore[override]  # nothing else is written
        """Send *data* after the head; hold it back if it is the head."""
        if self._transport.is_closing():
            return
        if self._head is not None:
            self._transport.write(self._head + data)
            self._head = b""
        elif data.startswith(_INTERIM):
            self._transport.write(data)
        else:
            self._head = data

    def close(self) -> None:
        """Send what was held back, and close once it is gone."""
        self.write(b"")
        self._transport.close()

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport.is_closing()
