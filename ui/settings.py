"""What the studio is set to: its server, its colours, and where it is told which models to show."""

from __future__ import annotations

from typing import Any

SCRIBE, CAPTIONER, DEVICE, RUNS = "STUDIO_SCRIBE", "STUDIO_CAPTIONER", "STUDIO_DEVICE", "STUDIO_RUNS"
"""Environment variables that `studio --scribe --captioner --device --runs` set; without them "default", "auto" and "."."""
SEPARATOR = "\n"
"""between several models in one variable: neither a path nor a hub id has it"""

UPLOAD_MEGABYTES = 20

LIGHT = {
    "primaryColor": "#2f5d9b",
    "backgroundColor": "#fbfaf7",
    "secondaryBackgroundColor": "#f1eee7",
    "textColor": "#22262e",
    "borderColor": "#dcd7cb",
}
DARK = {
    "primaryColor": "#4677be",
    "backgroundColor": "#15181d",
    "secondaryBackgroundColor": "#1f242c",
    "textColor": "#e8e5de",
    "borderColor": "#363d48",
}
BOTH = {
    "headingFont": "serif",
    "baseRadius": "0.5rem",
    "paddingTop": "1.5rem",
    "headingFontSizes": ["2rem", "1.8rem", "1.2rem"],
}


def server_settings(host: str, port: int, local: bool) -> dict[str, Any]:
    """Streamlit's options, by their dotted names.

    Args:
        host: address to listen on.
        port: to listen on.
        local: whether only this machine can reach that host. Then names that other machines gave it (DNS rebinding) are
            refused; elsewhere nobody knows under which names the studio will be reached.
    """
    return {
        "server.address": host,
        "server.port": port,
        "server.headless": True,  # the browser is opened, or not, by `ui.launch`
        "server.allowedHosts": ["localhost", "127.0.0.1", "::1"] if local else [],
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.maxUploadSize": UPLOAD_MEGABYTES,
        "server.fileWatcherType": "none",
        # Else a full collection follows every look at a job: 0.2 s of all threads, with torch loaded. Python collects by itself.
        "runner.postScriptGC": False,
        "runner.magicEnabled": False,  # it would print docstrings on the page
        "browser.gatherUsageStats": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "logger.hideWelcomeMessage": True,
        **{f"theme.{name}": value for name, value in BOTH.items()},
        **{f"theme.light.{name}": value for name, value in LIGHT.items()},
        **{f"theme.dark.{name}": value for name, value in DARK.items()},
    }
