"""The command `studio`, up to the server."""

from __future__ import annotations

import logging
import socket
import sys
from pathlib import Path

import pytest
from streamlit import config
from streamlit.runtime.scriptrunner.exec_code import modified_sys_path

from shared.errors import UserError
from ui.launch import _is_news, _parser, _told, check_free, is_loopback, keep_path_still
from ui.settings import CAPTIONER, RUNS, SCRIBE, SEPARATOR, server_settings


def test_a_taken_port_is_said_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=rf"port {port}: Address already in use; try --port \d+$"):
            check_free("127.0.0.1", port)
    check_free("127.0.0.1", port)


def test_runs_of_the_script_leave_the_path_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    script, before = tmp_path / "app.py", [*sys.path]
    script.touch()
    with modified_sys_path(str(script)):
        assert sys.path == [str(tmp_path), *before]
    keep_path_still(script)
    for _ in range(2):
        with modified_sys_path(str(script)):
            assert sys.path == [*before, str(tmp_path)]
        keep_path_still(script)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(UserError, match="cannot listen on"):
        check_free(host, 8501)


@pytest.mark.parametrize("port", [0, -1, 700_000])
def test_an_impossible_port_is_refused(port: int) -> None:
    with pytest.raises(UserError, match="no port"):
        check_free("127.0.0.1", port)


def test_loopback_is_recognised() -> None:
    assert all(map(is_loopback, ["127.0.0.1", "127.1.2.3", "::1", "localhost"]))
    assert not any(map(is_loopback, ["0.0.0.0", "192.168.1.2", "::", "example.org"]))


def test_settings_are_private_and_known_to_streamlit() -> None:
    settings = server_settings("127.0.0.1", 8501, local=True)
    assert settings.keys() <= config._config_options_template.keys()
    assert settings["browser.gatherUsageStats"] is False
    assert settings["server.enableXsrfProtection"] is True
    assert settings["server.allowedHosts"]
    assert not server_settings("0.0.0.0", 8501, local=False)["server.allowedHosts"]


def test_several_models_may_be_named_and_a_folder_of_runs() -> None:
    told = _told(_parser().parse_args(["--captioner", "default", "--captioner", "runs/x,y", "--runs", "runs"]))
    assert told == {CAPTIONER: SEPARATOR.join(["default", "runs/x,y"]), RUNS: str(Path("runs").absolute())}
    assert SCRIBE not in told


def test_a_visitor_who_leaves_is_no_news_and_anything_else_is() -> None:
    def record(error: Exception) -> logging.LogRecord:
        try:
            raise error
        except Exception:
            return logging.LogRecord("uvicorn.error", logging.ERROR, "", 0, "broke", (), sys.exc_info())

    assert _is_news(record(ValueError()))
    assert not _is_news(record(WebSocketDisconnected()))


class WebSocketDisconnected(Exception):  # noqa: N818 - as the server calls it
    pass
