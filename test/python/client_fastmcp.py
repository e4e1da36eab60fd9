"""A client of FastMCP."""

from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from mcp.client.subscriptions import listen

import client
import client_mcp2

# What FastMCP calls its requests.
METHODS = {
    "tools/list": "list_tools_mcp",
    "tools/call": "call_tool_mcp",
    "prompts/list": "list_prompts_mcp",
    "prompts/get": "get_prompt_mcp",
    "resources/list": "list_resources_mcp",
    "resources/templates/list": "list_resource_templates_mcp",
    "resources/read": "read_resource_mcp",
    "completion/complete": "complete_mcp",
}


class Connection(client_mcp2.Connection):
    async def request(self, method: str, params: dict[str, Any], progress: Any) -> Any:
        if method == "logging/setLevel":
            await self._client.set_logging_level(params["level"])
            return {}
        params = dict(params)
        if "_meta" in params:
            params["meta"] = params.pop("_meta")
        if progress:
            params["progress_handler"] = progress
        if method == "completion/complete":
            kinds = {"ref/prompt": types.PromptReference, "ref/resource": types.ResourceTemplateReference}
            params["ref"] = kinds[params["ref"]["type"]].model_validate(params["ref"])
            if context := params.pop("context", None):
                params["context_arguments"] = context["arguments"]
        return client.dump(await getattr(self._client, METHODS[method])(**params))

    def _subscribe(self, uri: str) -> Any:
        return self._client.session.subscribe_resource(uri)

    def _listen(self, uri: str) -> Any:
        return listen(self._client.session, **client_mcp2.LISTS, resource_subscriptions=[uri])


def transport(target: dict[str, Any]) -> Any:
    if target["transport"] == "stdio":
        return StdioTransport(target["command"], target["args"], keep_alive=False)
    return (SSETransport if target["transport"] == "sse" else StreamableHttpTransport)(target["url"])


@asynccontextmanager
async def opened(session: client.Session, target: dict[str, Any], era: str) -> Any:
    async def sampling(_: Any, params: Any, __: Any) -> Any:
        return types.CreateMessageResult.model_validate(session.asked("sampling/createMessage", client.dump(params)))

    async def elicitation(_: str, __: Any, params: Any, ___: Any) -> Any:
        return types.ElicitResult.model_validate(session.asked("elicitation/create", client.dump(params)))

    async def roots(_: Any) -> Any:
        return types.ListRootsResult.model_validate(session.asked("roots/list")).roots

    async def logged(params: Any) -> None:
        session.heard("notifications/message", client.dump(params))

    async def messages(message: Any) -> None:
        own = ("notifications/progress", "notifications/message")
        if era == "legacy" and isinstance(message, types.Notification) and message.method not in own:
            session.heard(message.method, client.dump(message.params) if message.params else None)

    connection = Client(
        transport(target),
        sampling_handler=sampling,
        elicitation_handler=elicitation,
        roots=roots,
        log_handler=logged,
        message_handler=messages,
        mode="legacy" if era == "legacy" else "2026-07-28",
        cache=False,
    )
    async with connection:
        yield Connection(connection, session)


client.serve(opened, client_mcp2.error_of)
