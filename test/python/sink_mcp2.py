"""A server of the Python SDK v2 that speaks both eras: `stdio`, or Streamable HTTP at /mcp and HTTP+SSE at /sse."""

import sys
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.sse import SseServerTransport
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)
from mcp.shared.exceptions import MCPError
from mcp.shared.message import ServerMessageMetadata
from starlette.responses import Response
from starlette.routing import Mount, Route

import sink

# What the answer to a question has to come back with.
STATE = 'state: "✓" \\ 1'

bus = InMemorySubscriptionBus()


class Listeners:
    """Tells whoever listens in the new era what changed."""

    async def changed(self) -> None:
        for event in (ToolsListChanged(), PromptsListChanged(), ResourcesListChanged()):
            await bus.publish(event)

    async def touched(self, uri: str) -> None:
        await bus.publish(ResourceUpdated(uri))


listeners = Listeners()
sink.connected.add(listeners)
sink.subscribers["note://a"] = {listeners}


class Connection:
    """Tells a client of the old era what changed."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __hash__(self) -> int:
        return hash(self._session._connection)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Connection) and self._session._connection is other._session._connection

    async def changed(self) -> None:
        await self._session.send_tool_list_changed()
        await self._session.send_prompt_list_changed()
        await self._session.send_resource_list_changed()

    async def touched(self, uri: str) -> None:
        params = types.ResourceUpdatedNotificationParams(uri=uri)
        await self._session.send_notification(types.ResourceUpdatedNotification(params=params))


class Context:
    """What the tools of sink.json need, in terms of this SDK."""

    def __init__(self, context: Any, params: Any) -> None:
        self._context = context
        self._params = params
        self._session = context.session
        self._is_modern = context.protocol_version >= "2026"
        self.connection = listeners if self._is_modern else Connection(self._session)
        self.meta = dict(context.meta or {})

    async def progress(self, step: dict[str, Any]) -> None:
        await self._session.report_progress(step["progress"], step["total"], step["message"])

    async def log(self, message: dict[str, Any]) -> None:
        await self._session.send_log_message(**message, related_request_id=self._context.request_id)

    async def ask(self, request: dict[str, Any], answer: Any) -> Any:
        if not self._is_modern:
            metadata = ServerMessageMetadata(related_request_id=self._context.request_id)
            result = await self._session.send_request(*kind_of(request), metadata=metadata)
            return answer(sink.dump(result))
        given = self._params.input_responses
        if given is None:
            # The new era has no such id.
            params = {key: value for key, value in request.get("params", {}).items() if key != "elicitationId"}
            asked = {"method": request["method"], "params": params} if params else request
            return {"resultType": "input_required", "inputRequests": {"question": asked}, "requestState": STATE}
        if self._params.request_state != STATE:
            raise refuse(-32602, "another state", None)
        return answer(sink.dump(given["question"]))


def kind_of(request: dict[str, Any]) -> tuple[Any, Any]:
    kinds = {
        "elicitation/create": (types.ElicitRequest, types.ElicitResult),
        "sampling/createMessage": (types.CreateMessageRequest, types.CreateMessageResult),
        "roots/list": (types.ListRootsRequest, types.ListRootsResult),
    }
    model, result = kinds[request["method"]]
    return model.model_validate(request), result


def refuse(code: int, message: str, data: Any) -> Exception:
    return MCPError(code, message, data)


def handler(method: str) -> Any:
    async def handle(context: Any, params: Any) -> Any:
        given = sink.dump(params) if params else {}
        result = await sink.answer(method, given, Context(context, params), refuse)
        if context.protocol_version < "2026":
            return result
        hints = {"ttlMs": 0, "cacheScope": "private"} if method.startswith("resources/") or "/list" in method else {}
        return {"resultType": "complete", **hints, **result}

    return handle


server = Server(
    sink.INFO["name"],
    title=sink.INFO["title"],
    version=sink.INFO["version"],
    instructions=sink.INSTRUCTIONS,
    on_list_tools=handler("tools/list"),
    on_call_tool=handler("tools/call"),
    on_list_prompts=handler("prompts/list"),
    on_get_prompt=handler("prompts/get"),
    on_list_resources=handler("resources/list"),
    on_list_resource_templates=handler("resources/templates/list"),
    on_read_resource=handler("resources/read"),
    on_completion=handler("completion/complete"),
    on_subscribe_resource=handler("resources/subscribe"),
    on_unsubscribe_resource=handler("resources/unsubscribe"),
    on_set_logging_level=handler("logging/setLevel"),
    on_subscriptions_listen=ListenHandler(bus),
)

options = server.create_initialization_options(NotificationOptions(True, True, True))
server.create_initialization_options = lambda *_: options


async def run(streams: Any) -> None:
    await server.run(streams[0], streams[1], options)


async def main() -> None:
    if sys.argv[1:] == ["stdio"]:
        async with stdio_server() as streams:
            return await run(streams)
    sse = SseServerTransport("/messages/")

    async def connect(request: Any) -> Response:
        async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
            await run(streams)
        return Response()

    routes = [Route("/sse", connect), Mount("/messages/", sse.handle_post_message)]
    await sink.serve(server.streamable_http_app(custom_starlette_routes=routes))


anyio.run(main)
