"""The command `studio`: serves the pages to this machine and shows them in the browser."""

from __future__ import annotations

import argparse
import errno
import ipaddress
import logging
import os
import socket
import sys
import webbrowser
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from shared.errors import UserError, run_command
from ui.settings import CAPTIONER, DEVICE, RUNS, SCRIBE, SEPARATOR, server_settings


def main() -> int:
    """Serves until interrupted, or makes postcards; the exit status."""
    if sys.argv[1:2] == ["postcard"]:
        from ui.postcard_command import main as make_postcards

        return make_postcards(sys.argv[1:])
    arguments = _parser().parse_args()
    return run_command(lambda: serve(arguments))


def serve(arguments: argparse.Namespace) -> None:
    """Raises:
    UserError: when the address cannot be listened on.
    """
    check_free(arguments.host, arguments.port)
    os.environ.update(_told(arguments))
    # Threads of torch that wait for each other sleep meanwhile. By default they spin, and where a browser needs the processor too,
    # steps as small as a pen's took ten times as long.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    import streamlit

    address = f"http://{_in_url(arguments.host)}:{arguments.port}"

    @asynccontextmanager
    async def announce(_app: Any) -> AsyncIterator[dict[str, Any]]:
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        print(f"Show & Scribe is at {address} (Ctrl-C ends it)", file=sys.stderr)
        if not arguments.no_browser:
            webbrowser.open(address)
        yield {}

    script = Path(__file__).with_name("app.py")
    keep_path_still(script)
    app = streamlit.App(script, lifespan=announce)
    app.run(config=server_settings(arguments.host, arguments.port, local=is_loopback(arguments.host)))


def keep_path_still(script: Path) -> None:
    """Has Streamlit leave sys.path alone. It puts the script's folder first for each run and takes it off afterwards, unless it is
    there already; and a thread that imports just then may miss an entry, and not find what is installed."""
    folder = str(script.parent)
    if folder not in sys.path:
        sys.path.append(folder)


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a visitor left while the page still loaded: the server reports that as if something had broken."""
    return not (record.exc_info and type(record.exc_info[1]).__name__ == "WebSocketDisconnected")


def check_free(host: str, port: int) -> None:
    """Asks for the port in advance: Streamlit would silently take the next one, and links would be wrong.

    Raises:
        UserError: when something listens there already, or the address is not this machine's.
    """
    if not 0 < port < 65536:
        raise UserError(f"there is no port {port}: ports are whole numbers from 1 to 65535")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        advice = f"; try --port {port % 60000 + 1}" if error.errno == errno.EADDRINUSE else ""
        raise UserError(f"cannot listen on {host}, port {port}: {error.strerror or error}{advice}") from error


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server on that host."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _told(arguments: argparse.Namespace) -> dict[str, str]:
    """What the pages shall know of the options."""
    told = {
        SCRIBE: arguments.scribe and SEPARATOR.join(arguments.scribe),
        CAPTIONER: arguments.captioner and SEPARATOR.join(arguments.captioner),
        DEVICE: arguments.device,
        RUNS: arguments.runs and str(Path(arguments.runs).absolute()),
    }
    return {variable: value for variable, value in told.items() if value}


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "studio",
        description="Caption photos and write by hand, in the browser.",
        epilog="`studio postcard photo.jpg -o card.pdf` makes a card without it; `studio postcard --help` tells how.",
    )
    parser.add_argument("--port", type=int, default=8501, help="port to listen on (default: %(default)s)")
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; any other than the default lets other machines in (default: %(default)s)",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    parser.add_argument(
        "--scribe",
        metavar="MODEL",
        action="append",
        help="what writes: a shipped model's name, a model folder, or a hub id; given several times, there is a choice",
    )
    parser.add_argument("--captioner", metavar="MODEL", action="append", help="what describes photos, named likewise")
    parser.add_argument("--runs", metavar="FOLDER", help="where the runs lie whose curves are shown (default: here)")
    parser.add_argument("--device", help="auto, cpu, cuda, cuda:1, … (default: auto)")
    return parser
