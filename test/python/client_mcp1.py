"""A client of the Python SDK v1, which knows the legacy era only."""

from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp.types as types
from mcp.client.session import ClientSession
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import McpError

import client

RESULTS = {
    "tools/list": types.ListToolsResult,
    "tools/call": types.CallToolResult,
    "prompts/list": types.ListPromptsResult,
    "prompts/get": types.GetPromptResult,
    "resources/list": types.ListResourcesResult,
    "resources/templates/list": types.ListResourceTemplatesResult,
    "resources/read": types.ReadResourceResult,
    "completion/complete": types.CompleteResult,
}


def transport(target: dict[str, Any]) -> Any:
    if target["transport"] == "stdio":
        return stdio_client(StdioServerParameters(command=target["command"], args=target["args"]))
    return (sse_client if target["transport"] == "sse" else streamable_http_client)(target["url"])


class Client:
    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def request(self, method: str, params: dict[str, Any], progress: Any) -> Any:
        request = types.ClientRequest.model_validate({"method": method, "params": params})
        id = self._session._request_id
        try:
            kind = RESULTS.get(method, types.EmptyResult)
            return client.dump(await self._session.send_request(request, kind, progress_callback=progress))
        except anyio.get_cancelled_exc_class():
            # This SDK leaves it to its user to tell the server.
            cancelled = types.CancelledNotification(params=types.CancelledNotificationParams(requestId=id))
            with anyio.CancelScope(shield=True):
                await self._session.send_notification(types.ClientNotification(cancelled))
            raise

    async def listen(self, uri: str, _: Any) -> Any:
        return await self.request("resources/subscribe", {"uri": uri}, None)


@asynccontextmanager
async def opened(session: client.Session, target: dict[str, Any], _: str) -> Any:
    async def answer(method: str, params: Any, result: Any) -> Any:
        return result.model_validate(session.asked(method, client.dump(params) if params else None))

    async def sampling(_: Any, params: Any) -> Any:
        return await answer("sampling/createMessage", params, types.CreateMessageResult)

    async def elicitation(_: Any, params: Any) -> Any:
        return await answer("elicitation/create", params, types.ElicitResult)

    async def roots(_: Any) -> Any:
        return await answer("roots/list", None, types.ListRootsResult)

    async def messages(message: Any) -> None:
        if isinstance(message, types.ServerNotification) and message.root.method != "notifications/progress":
            params = message.root.params
            session.heard(message.root.method, client.dump(params) if params else None)

    async with (
        transport(target) as streams,
        ClientSession(
            streams[0],
            streams[1],
            sampling_callback=sampling,
            elicitation_callback=elicitation,
            list_roots_callback=roots,
            message_handler=messages,
        ) as connection,
    ):
        await connection.initialize()
        yield Client(connection)


def error_of(error: Exception) -> Any:
    return client.dump(error.error) if isinstance(error, McpError) else {"code": 0, "message": repr(error)}


client.serve(opened, error_of)
