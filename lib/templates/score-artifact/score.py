"""What a Data Science model deployment calls: load_model() once at its start, predict() for every request."""

import importlib
import inspect
import json
import os
import sys
import threading

_folder = os.path.dirname(os.path.abspath(__file__))
_server = None
_lock = threading.Lock()


def load_model():
    """Builds the MCP server that mcp_server.json names, and starts it."""
    global _server
    with _lock:
        _server = _build() if _server is None else _server
    return _server


def _build():
    if _folder not in sys.path:
        sys.path.insert(0, _folder)
    import stateless_mcp

    with open(os.path.join(_folder, "mcp_server.json"), encoding="utf-8") as settings:
        module, variable = json.load(settings)["server"].split(":")
    found = getattr(importlib.import_module(module), variable)
    server = found() if inspect.isfunction(found) else found
    stateless_mcp.start(server)
    return server


def predict(data, model=None):
    """Answers one JSON-RPC message. A notification is owed no answer: an empty object says that it arrived."""
    server = load_model() if model is None else model
    import stateless_mcp

    answer = stateless_mcp.handle(server, data)
    return {} if answer is None else answer
