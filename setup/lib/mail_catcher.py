"""A mail server that delivers nothing: every message becomes a file that can be looked at.

In Python::

    with MailCatcher(folder) as catcher:
        ...  # send to catcher.host, catcher.port
        print(catcher.messages())

From a shell, until it is interrupted: ``python setup/lib/mail_catcher.py FOLDER [PORT]``.

Messages are numbered in the order of their arrival; a file appears under its name only when it is complete, so whoever
watches the folder never reads half a message. Numbers go on where a former catcher stopped.
"""

import re
import sys
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

HOST = "127.0.0.1"


def file_name(number: int, message_id: str | None) -> str:
    """
    >>> file_name(7, "<credit-12@example.com>")
    '000007-credit-12@example.com.eml'
    >>> file_name(8, "../../etc/passwd"), file_name(9, None)
    ('000008-etc-passwd.eml', '000009-no-id.eml')
    """
    clean = re.sub(r"[^\w.@+=-]+", "-", message_id or "").strip("-.")
    return f"{number:06d}-{clean[:120] or 'no-id'}.eml"


class FolderHandler:
    """Writes each message that the server accepts."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = threading.Lock()
        self.number = max((int(path.name[:6]) for path in folder.glob("[0-9]" * 6 + "-*.eml")), default=0)

    async def handle_DATA(self, server, session, envelope):
        path = self.store(envelope.mail_from, envelope.rcpt_tos, envelope.original_content or envelope.content)
        return f"250 Message kept as {path.name}"

    def store(self, sender: str, recipients: list[str], content: bytes) -> Path:
        """Write one message. The envelope goes on top: it tells the recipients that no header shows."""
        message_id = message_from_bytes(content, policy=policy.compat32)["Message-ID"]
        with self.lock:
            self.number += 1
            path = self.folder / file_name(self.number, message_id)
        draft = path.with_name(f".{path.name}.part")
        envelope = f"X-Envelope-From: {sender}\r\nX-Envelope-To: {', '.join(recipients)}\r\n"
        draft.write_bytes(envelope.encode() + content)
        draft.rename(path)
        return path


class QuietSMTP(SMTP):
    """Does not look up the name of the machine, which may take seconds where there is no name server."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"hostname": "localhost", **kwargs})


class CatcherController(Controller):
    def factory(self):
        return QuietSMTP(self.handler, **self.SMTP_kwargs)


class MailCatcher:
    """The server and its folder. ``port`` 0 lets the system choose; read ``port`` once it is started."""

    def __init__(self, folder: Path | str, port: int = 0, max_size: int = 50 * 1024 * 1024):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.host = HOST
        self.port = port
        self.max_size = max_size
        self.controller = None

    def start(self) -> "MailCatcher":
        self.controller = CatcherController(
            FolderHandler(self.folder),
            hostname=self.host,
            port=self.port or free_port(),
            data_size_limit=self.max_size,
            ready_timeout=30,
        )
        self.controller.start()
        self.port = self.controller.port
        return self

    def stop(self) -> None:
        if self.controller:
            self.controller.stop()
            self.controller = None

    def __enter__(self) -> "MailCatcher":
        return self.start()

    def __exit__(self, *exc) -> None:
        self.stop()

    def paths(self) -> list[Path]:
        """The files, in the order of arrival."""
        return sorted(self.folder.glob("[0-9]*.eml"))

    def messages(self) -> list[EmailMessage]:
        """The messages, in the order of arrival."""
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in self.paths()]

    def clear(self) -> None:
        for path in self.paths():
            path.unlink()


def free_port() -> int:
    from free_port import ephemeral_port

    return ephemeral_port()


def main(folder: str, port: str = "1025") -> None:
    with MailCatcher(folder, int(port)) as catcher:
        print(f"Mails to {catcher.host}:{catcher.port} are written to {catcher.folder}", flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{len(catcher.paths())} messages", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
