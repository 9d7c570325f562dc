"""What only tests do to an SFTP server."""

from __future__ import annotations

from rostersync.embedded.sftp_server import SftpServer


def crash(server: SftpServer) -> None:
    """The server dies as a killed one does."""
    server._do(server.stop(abort=True)).result(10)


def restart(server: SftpServer) -> None:
    """The server listens again on the same port, after a crash."""
    server._do(server.start()).result(30)
