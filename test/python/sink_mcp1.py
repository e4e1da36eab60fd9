"""A server of the Python SDK v1 with everything in sink.json: `stdio`, or Streamable HTTP at /mcp and HTTP+SSE at /sse."""

import sys
from dataclasses import dataclass
from typing import Any

import anyio
import mcp.types as types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.sse import SseServerTransport
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import McpError
from mcp.shared.message import ServerMessageMetadata
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

import sink

server = Server(sink.INFO["name"], version=sink.INFO["version"], instructions=sink.INSTRUCTIONS)


@dataclass(frozen=True)
class Connection:
    """Tells a client what changed."""

    session: Any

    async def changed(self) -> None:
        await self.session.send_tool_list_changed()
        await self.session.send_prompt_list_changed()
        await self.session.send_resource_list_changed()

    async def touched(self, uri: str) -> None:
        await self.session.send_resource_updated(uri)


class Context:
    """What the tools of sink.json need, in terms of this SDK."""

    def __init__(self) -> None:
        self._context = server.request_context
        self.connection = Connection(self._context.session)
        self.meta = self._context.meta.model_dump(by_alias=True) if self._context.meta else {}

    async def progress(self, step: dict[str, Any]) -> None:
        token = self.meta.get("progressToken")
        if token is not None:
            await self._context.session.send_progress_notification(
                token, step["progress"], step["total"], step["message"], str(self._context.request_id)
            )

    async def log(self, message: dict[str, Any]) -> None:
        await self._context.session.send_log_message(**message, related_request_id=self._context.request_id)

    async def ask(self, request: dict[str, Any], answer: Any) -> Any:
        kinds = {
            "elicitation/create": types.ElicitResult,
            "sampling/createMessage": types.CreateMessageResult,
            "roots/list": types.ListRootsResult,
        }
        metadata = ServerMessageMetadata(related_request_id=self._context.request_id)
        request = types.ServerRequest.model_validate(request)
        result = await self._context.session.send_request(request, kinds[request.root.method], metadata=metadata)
        return answer(sink.dump(result))


def refuse(code: int, message: str, data: Any) -> Exception:
    return McpError(types.ErrorData(code=code, message=message, data=data))


def register(request: Any, result: Any, method: str) -> None:
    async def handle(received: Any) -> types.ServerResult:
        params = sink.dump(received.params) if received.params else {}
        return types.ServerResult(result.model_validate(await sink.answer(method, params, Context(), refuse)))

    server.request_handlers[request] = handle


for name in (
    *("ListTools", "CallTool", "ListPrompts", "GetPrompt", "ListResources", "ListResourceTemplates", "ReadResource"),
    *("Complete", "Subscribe", "Unsubscribe", "SetLevel"),
):
    request = getattr(types, f"{name}Request")
    register(request, getattr(types, f"{name}Result", types.EmptyResult), request.model_fields["method"].default)

options = server.create_initialization_options(NotificationOptions(True, True, True))
# This SDK never says that it has subscriptions.
options.capabilities.resources.subscribe = True
server.create_initialization_options = lambda *_: options


async def run(streams: Any) -> None:
    await server.run(streams[0], streams[1], options)


async def main() -> None:
    if sys.argv[1:] == ["stdio"]:
        async with stdio_server() as streams:
            return await run(streams)
    manager = StreamableHTTPSessionManager(server)
    sse = SseServerTransport("/messages/")

    async def connect(request: Any) -> Response:
        async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
            await run(streams)
        return Response()

    routes = [
        Route("/sse", connect),
        Mount("/messages/", sse.handle_post_message),
        Mount("/", manager.handle_request),
    ]
    async with manager.run():
        await sink.serve(Starlette(routes=routes))


anyio.run(main)
