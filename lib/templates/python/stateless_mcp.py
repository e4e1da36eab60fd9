"""Serves an MCP server one message at a time, for platforms that call a function instead of a port.

The transport is the official SDK's own: Streamable HTTP, stateless, with JSON answers. Each message is one request to
its ASGI application, inside this process. Servers of `mcp` 1.x and 2.x work, high-level ones (FastMCP, MCPServer) and
low-level ones.
"""

import asyncio
import concurrent.futures
import contextlib
import copy
import inspect
import json
import logging
import os
import threading
import typing

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INTERNAL_ERROR = -32603
REQUEST_TIMEOUT = -32001

# The revision asked for at start. The server answers with it or with the latest it has; later messages are served under
# that one, since a message alone does not say what its client has negotiated.
PROTOCOL_VERSION = "2025-11-25"

_logger = logging.getLogger(__name__)
_hosts = {}
_lock = threading.Lock()


def start(server):
    """Starts `server` unless it runs already: enters its lifespan, once in this process. Raises what that raises."""
    with _lock:
        if server not in _hosts:
            _hosts[server] = _Host(server)
        return _hosts[server]


def handle(server, message, *, timeout_seconds=55, max_bytes=10_000_000):
    """Answers one JSON-RPC message. Safe to call from several threads.

    :param message: the message as a dict, or its JSON as text or bytes.
    :param timeout_seconds: after this time an error is the answer, and the call is cancelled.
    :param max_bytes: the most bytes of JSON a message or an answer may take. An error is the answer to larger ones.
    :return: the answer as a dict, or None for a notification: no session is there for one to act on.
    """
    try:
        request, body = _read(message, max_bytes)
    except _Refusal as refusal:
        return refusal.answer
    if "id" not in request:
        return None
    try:
        answer = start(server).answer(request, body, timeout_seconds)
    except concurrent.futures.TimeoutError:
        return _error(request["id"], REQUEST_TIMEOUT, f"Request timed out after {timeout_seconds} seconds")
    except Exception:
        # What went wrong is for the log of this process: a caller could not do anything about it.
        _logger.exception("%s failed", request["method"])
        return _error(request["id"], INTERNAL_ERROR, "Internal error")
    if len(answer) > max_bytes:
        return _error(request["id"], INTERNAL_ERROR, f"The answer takes {len(answer)} bytes of at most {max_bytes}")
    # Faults the transport finds before the server does are answered without the request's id.
    return {**json.loads(answer), "id": request["id"]}


class _Host:
    """One server in an event loop of its own, for as long as the process lives."""

    def __init__(self, server):
        # Both high-level classes keep the low-level server, which is all a transport needs, in a private attribute.
        names = ("_lowlevel_server", "_mcp_server")
        lowlevel = next((getattr(server, name) for name in names if hasattr(server, name)), server)
        self._methods = _methods_of(lowlevel)
        started = concurrent.futures.Future()
        threading.Thread(target=lambda: asyncio.run(self._serve(lowlevel, started)), name="mcp", daemon=True).start()
        self._loop, self._manager = started.result()
        self._version = self._negotiate()

    def answer(self, request, body, timeout_seconds):
        """The JSON of the answer to a request, of which `body` is the JSON."""
        if self._methods is not None and request["method"] not in self._methods:
            error = _error(request["id"], METHOD_NOT_FOUND, f"Method not found: {request['method']}")
            return json.dumps(error).encode()
        future = asyncio.run_coroutine_threadsafe(self._exchange(request, body), self._loop)
        try:
            return future.result(timeout_seconds)
        finally:
            future.cancel()

    async def _serve(self, server, started):
        """Runs until the process ends. `started` gets the event loop and the transport, or what kept them away."""
        try:
            async with contextlib.AsyncExitStack() as stack:
                state = await stack.enter_async_context(server.lifespan(server))
                # mcp 1.x enters the lifespan for every stateless message: the copy has one that is entered already.
                running = copy.copy(server)
                running.lifespan = lambda _: contextlib.nullcontext(state)
                options = {"json_response": True, "stateless": True, **_no_body_limit()}
                manager = StreamableHTTPSessionManager(running, **options)
                await stack.enter_async_context(manager.run())
                started.set_result((asyncio.get_running_loop(), manager))
                await asyncio.Event().wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    async def _exchange(self, request, body):
        headers = {"host": "localhost", "content-type": "application/json", "content-length": str(len(body))}
        headers["accept"] = "application/json, text/event-stream"
        if request["method"] != "initialize":
            headers["mcp-protocol-version"] = self._version
        scope = {
            **{"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http"},
            **{"path": "/mcp", "raw_path": b"/mcp", "root_path": "", "query_string": b""},
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        pending = [{"type": "http.request", "body": body, "more_body": False}]
        answer = bytearray()

        async def receive():
            # Nothing follows the body: the client waits for its answer.
            return pending.pop() if pending else await asyncio.Event().wait()

        async def send(event):
            answer.extend(event.get("body", b""))

        await self._manager.handle_request(scope, receive, send)
        return bytes(answer)

    def _negotiate(self):
        client = {"name": "stateless_mcp", "version": "1"}
        params = {"protocolVersion": PROTOCOL_VERSION, "capabilities": {}, "clientInfo": client}
        request = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}
        answer = json.loads(self.answer(request, json.dumps(request).encode(), 30))
        if "result" not in answer:
            raise RuntimeError(f"the MCP server refuses to initialize: {answer}")
        return answer["result"]["protocolVersion"]


def _methods_of(server):
    """The methods a server of mcp 1.x has, which answers others as if their parameters were wrong. None for mcp 2.x."""
    if not hasattr(server, "request_handlers"):
        return None
    served = (request.model_fields["method"].annotation for request in server.request_handlers)
    return {"initialize", *(method for literal in served for method in typing.get_args(literal))}


def _no_body_limit():
    """Sizes are checked here. Transports of older releases have no limit."""
    parameters = inspect.signature(StreamableHTTPSessionManager).parameters
    return {"max_request_body_size": 2**31} if "max_request_body_size" in parameters else {}


class _Refusal(Exception):
    """A message that is no JSON-RPC request or notification."""

    def __init__(self, code, text, request_id=None):
        super().__init__(text)
        self.answer = _error(request_id, code, text)


def _read(message, max_bytes):
    """The message as a dict, and as JSON."""
    if isinstance(message, (str, bytes, bytearray)):
        try:
            message = json.loads(message)
        except (ValueError, RecursionError):
            raise _Refusal(PARSE_ERROR, "Parse error: the message is not JSON") from None
    if isinstance(message, list):
        raise _Refusal(INVALID_REQUEST, "Batches are not supported: send one message at a time")
    if not isinstance(message, dict):
        raise _Refusal(INVALID_REQUEST, "Invalid request: the message is not an object")
    request_id = message.get("id")
    if "id" in message and (isinstance(request_id, bool) or not isinstance(request_id, (str, int))):
        raise _Refusal(INVALID_REQUEST, "Invalid request: the id is neither text nor a whole number")
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        raise _Refusal(INVALID_REQUEST, 'Invalid request: it needs "jsonrpc": "2.0" and a method', request_id)
    try:
        body = json.dumps(message).encode()
    except (TypeError, ValueError, RecursionError):
        raise _Refusal(INVALID_REQUEST, "Invalid request: the message cannot be written as JSON", request_id) from None
    if len(body) > max_bytes:
        text = f"The message takes {len(body)} bytes of at most {max_bytes}"
        raise _Refusal(INVALID_REQUEST, text, request_id)
    return message, body


def _error(request_id, code, text):
    return {"jsonrpc": "2.0", "id": request_id, "error": {"code": code, "message": text}}


def _forget():
    """Threads do not survive a fork, and a lock that was held stays so: a worker process starts its servers itself."""
    global _lock
    _lock = threading.Lock()
    _hosts.clear()


os.register_at_fork(after_in_child=_forget)
