"""Who the server lets in."""

from __future__ import annotations

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

pytestmark = pytest.mark.browser


def knock(address: str, host: str | None = None, origin: str | None = None) -> int:
    """The status of an attempt to open the page's web socket: 101 when it is let in."""
    own = urlsplit(address)
    connection = HTTPConnection(own.hostname or "", own.port, timeout=30)
    handshake = {
        "Host": host or own.netloc,
        "Origin": origin or address,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "c2hvdyBhbmQgc2NyaWJlIQ==",
    }
    connection.request("GET", "/_stcore/stream", headers=handshake)
    status = connection.getresponse().status
    connection.close()
    return status


def test_its_own_page_is_let_in(address: str) -> None:
    assert knock(address) == 101


def test_other_pages_are_not(address: str) -> None:
    assert knock(address, origin="http://elsewhere.example") == 403


def test_nor_are_names_that_others_gave_this_machine(address: str) -> None:
    assert knock(address, host="rebound.example:8501") == 403
