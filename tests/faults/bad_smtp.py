"""A mail server that does in the middle of things what mail servers do on bad days."""

import re
import socket
import threading
from contextlib import suppress
from email import message_from_bytes, policy

# The moments at which it may misbehave, in the order in which a message meets them: the connection, the sender, the
# recipient, the announcement of the message, half of it, all of it (before the answer).
MOMENTS = ("connect", "mail", "rcpt", "data", "body", "dot")


class BadSmtp:
    """Takes messages by SMTP; ``plan(moment, number)`` is asked before each answer, with the number of messages taken.

    It says ``None`` (all is well), ``"hang"`` (no answer until the server ends or the other side hangs up), ``"cut"``
    (the connection ends) or a line of refusal (``"550 No such user"``). A message that came to its end counts as taken,
    whatever is answered then, unless it is refused.
    """

    hostname = "127.0.0.1"

    def __init__(self):
        self.plan = lambda moment, number: None
        self.messages = []
        self._ended = threading.Event()
        self._lock = threading.Lock()
        self._listener = socket.create_server((self.hostname, 0), backlog=64)
        self.port = self._listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        self._ended.set()
        # Closed alone, it would still take one connection: the one that is being waited for.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def recipients(self) -> list[str]:
        return [to for to, _message in self.messages]

    def message_ids(self) -> list[str]:
        return [message["Message-Id"] for _to, message in self.messages]

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _address = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            try:
                Session(self, connection, lines).run()
            except (OSError, _End):
                return

    def misbehave(self, moment: str, connection: socket.socket) -> bool:
        """Do what the plan says of this moment; return whether it refused, and the session goes on."""
        with self._lock:
            order = self.plan(moment, len(self.messages))
        if order == "hang":
            self._wait_for_hangup(connection)
        if order in ("hang", "cut"):
            raise _End
        if order:
            connection.sendall(order.encode() + b"\r\n")
            if order.startswith("421"):
                raise _End
        return bool(order)

    def _wait_for_hangup(self, connection: socket.socket) -> None:
        connection.settimeout(0.2)
        while not self._ended.is_set():
            try:
                if not connection.recv(4096):
                    return
            except TimeoutError:
                continue

    def take(self, to: str, content: bytes) -> None:
        with self._lock:
            self.messages.append((to, message_from_bytes(content, policy=policy.default)))


class _End(Exception):
    """The session is over."""


class Session:
    """One connection."""

    def __init__(self, server: BadSmtp, connection: socket.socket, lines):
        self.server, self.connection, self.lines = server, connection, lines
        self.to = ""

    def run(self) -> None:
        if self._may("connect"):
            self._say("220 here I am")
        while line := self.lines.readline():
            self._answer(line.decode(errors="replace").strip())

    def _answer(self, line: str) -> None:
        verb = line[:4].upper()
        if verb == "MAIL":
            self._may("mail") and self._say("250 OK")
        elif verb == "RCPT":
            self.to = re.search(r"<([^>]+)>", line)[1]
            self._may("rcpt") and self._say("250 OK")
        elif verb == "DATA":
            self._may("data") and self._receive()
        elif verb == "QUIT":
            self._say("221 bye")
            raise _End
        else:
            self._say("250 OK")

    def _receive(self) -> None:
        self._say("354 go on")
        content = []
        while (line := self.lines.readline()) != b".\r\n":
            if not line:
                raise _End
            content.append(line)
            if len(content) == 5:
                self._may("body")
        message = b"".join(content)
        if self._is_taken(message):
            self._say("250 OK")

    def _is_taken(self, message: bytes) -> bool:
        """Whether the message is taken: it is, too, where the answer never comes."""
        try:
            if not self._may("dot"):
                return False
        except _End:
            self.server.take(self.to, message)
            raise
        self.server.take(self.to, message)
        return True

    def _may(self, moment: str) -> bool:
        return not self.server.misbehave(moment, self.connection)

    def _say(self, line: str) -> None:
        self.connection.sendall(line.encode() + b"\r\n")
