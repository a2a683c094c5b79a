"""Print the first free TCP port of the loopback interface, from the given one on."""

import socket
import sys


def free_port(first: int, last: int = 65535) -> int:
    """The lowest port >= ``first`` that can be listened on now. Another process may take it before the caller does."""
    for port in range(first, last + 1):
        with socket.socket() as probe:
            # As the servers themselves do: a port that a closed connection still holds for a minute is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port from {first} to {last}")


def ephemeral_port() -> int:
    """A free port of the system's choice: two processes that ask at the same time are not given the same one."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    print(free_port(int(sys.argv[1])))
