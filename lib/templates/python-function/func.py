"""A function of OCI Functions that serves MCP: each call is one JSON-RPC message.

The server is found by MCP_SERVER in the configuration of the function: `<module>:<variable>`, by default `server:mcp`. A
variable that is a function is called for it.
"""

import asyncio
import datetime
import functools
import importlib
import inspect
import json
import logging
import os
import sys

from fdk import response

# The FDK loads this file by its path, which does not make its neighbours importable.
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import stateless_mcp  # noqa: E402

# The most bytes of a call and of its answer:
# https://docs.oracle.com/en-us/iaas/Content/Functions/Concepts/functionsoverview.htm
MAX_BYTES = 6_000_000

# Seconds before the deadline of a call at which it is answered with an error: the platform would say less.
MARGIN_SECONDS = 0.5


async def handler(ctx, data):
    """Answers one call, always with JSON: 200 to a request, 202 to what needs no answer."""
    try:
        # In a thread: a server may start its own event loop, and this one belongs to the FDK.
        answer = await asyncio.to_thread(_handle, data.getvalue(), _remaining_seconds(ctx.Deadline()))
    except Exception:
        logging.getLogger(__name__).exception("MCP_SERVER cannot be started")
        error = {"code": stateless_mcp.INTERNAL_ERROR, "message": "the server did not start; see the log"}
        answer = {"jsonrpc": "2.0", "id": _id_of(data.getvalue()), "error": error}
    headers = {"Content-Type": "application/json"}
    if answer is None:
        return response.Response(ctx, response_data="", headers=headers, status_code=202)
    return response.Response(ctx, response_data=json.dumps(answer), headers=headers)


def _handle(body, timeout_seconds):
    return stateless_mcp.handle(_server(), body, timeout_seconds=timeout_seconds, max_bytes=MAX_BYTES)


@functools.cache
def _server():
    module, _, variable = os.environ.get("MCP_SERVER", "server:mcp").partition(":")
    server = getattr(importlib.import_module(module), variable or "mcp")
    server = server() if inspect.isfunction(server) else server
    stateless_mcp.start(server)
    return server


def _id_of(body):
    try:
        return json.loads(body).get("id")
    except (ValueError, AttributeError):
        return None


def _remaining_seconds(deadline):
    until = datetime.datetime.fromisoformat(deadline)
    return max(0.0, (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds() - MARGIN_SECONDS)
