"""Small servers for load, in a thread."""

import asyncio
import re
import threading
from contextlib import contextmanager

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


@contextmanager
def listening(protocol):
    """The port of a server that speaks *protocol*."""
    loop, met = asyncio.new_event_loop(), []

    def meet():
        met.append(protocol())
        return met[-1]

    server = loop.run_until_complete(loop.create_server(meet, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        for one in met:
            one.transport.abort()
        loop.run_until_complete(asyncio.sleep(0))  # in which they hear of it
        loop.close()


class Echo(asyncio.Protocol):
    """Answers 200 with the body it was sent."""

    status = b"200 OK"

    def connection_made(self, transport):
        self.transport, self.data = transport, b""

    def data_received(self, data):
        self.data += data
        head, found, body = self.data.partition(b"\r\n\r\n")
        if found and len(body) >= int(_LENGTH.search(head)[1]):
            self.data = b""
            self.transport.write(
                b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (self.status, len(body), body)
            )
