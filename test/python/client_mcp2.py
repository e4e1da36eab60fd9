"""A client of the Python SDK v2."""

from contextlib import asynccontextmanager
from typing import Any

import mcp_types as types
from mcp.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import event_to_notification

import client

# What SDK v2 calls its requests.
METHODS = {
    "tools/list": "list_tools",
    "tools/call": "call_tool",
    "prompts/list": "list_prompts",
    "prompts/get": "get_prompt",
    "resources/list": "list_resources",
    "resources/templates/list": "list_resource_templates",
    "resources/read": "read_resource",
    "completion/complete": "complete",
    "logging/setLevel": "set_logging_level",
}

LISTS = {"tools_list_changed": True, "prompts_list_changed": True, "resources_list_changed": True}


class Connection:
    def __init__(self, connection: Client, session: client.Session) -> None:
        self._client = connection
        self._session = session

    async def request(self, method: str, params: dict[str, Any], progress: Any) -> Any:
        params = dict(params)
        if "_meta" in params:
            params["meta"] = params.pop("_meta")
        if progress:
            params["progress_callback"] = progress
        if method.endswith("/list"):
            params["cache_mode"] = "bypass"
        if method == "completion/complete":
            kinds = {"ref/prompt": types.PromptReference, "ref/resource": types.ResourceTemplateReference}
            ref = params["ref"]
            params["ref"] = kinds[ref["type"]].model_validate(ref)
            if context := params.pop("context", None):
                params["context_arguments"] = context["arguments"]
        return client.dump(await getattr(self._client, METHODS[method])(**params))

    async def listen(self, uri: str, tasks: Any) -> Any:
        if self._client.protocol_version < "2026":
            return client.dump(await self._subscribe(uri))
        await tasks.start(self._follow, uri)
        return {}

    def _subscribe(self, uri: str) -> Any:
        return self._client.subscribe_resource(uri)

    def _listen(self, uri: str) -> Any:
        return self._client.listen(**LISTS, resource_subscriptions=[uri])

    async def _follow(self, uri: str, *, task_status: Any) -> None:
        async with self._listen(uri) as subscription:
            task_status.started()
            async for event in subscription:
                notification = event_to_notification(event, {})
                params = notification.params
                self._session.heard(notification.method, client.dump(params) if params else None)


@asynccontextmanager
async def opened(session: client.Session, target: dict[str, Any], era: str) -> Any:
    def answer(method: str, params: Any, result: Any) -> Any:
        return result.model_validate(session.asked(method, client.dump(params) if params else None))

    async def sampling(_: Any, params: Any) -> Any:
        return answer("sampling/createMessage", params, types.CreateMessageResult)

    async def elicitation(_: Any, params: Any) -> Any:
        return answer("elicitation/create", params, types.ElicitResult)

    async def roots(_: Any) -> Any:
        return answer("roots/list", None, types.ListRootsResult)

    async def messages(message: Any) -> None:
        if era == "legacy" and isinstance(message, types.Notification) and message.method != "notifications/progress":
            session.heard(message.method, client.dump(message.params) if message.params else None)

    async def logged(params: Any) -> None:
        if era == "modern":
            session.heard("notifications/message", client.dump(params))

    server = target.get("url")
    if target["transport"] == "stdio":
        server = StdioServerParameters(command=target["command"], args=target["args"])
    if target["transport"] == "sse":
        server = sse_client(server)
    connection = Client(
        server,
        sampling_callback=sampling,
        elicitation_callback=elicitation,
        list_roots_callback=roots,
        message_handler=messages,
        logging_callback=logged,
        mode="legacy" if era == "legacy" else "2026-07-28",
        cache=None,
    )
    async with connection:
        yield Connection(connection, session)


def error_of(error: Exception) -> Any:
    if isinstance(error, MCPError):
        return client.dump(error.error)
    return {"code": 0, "message": repr(error)}


if __name__ == "__main__":
    client.serve(opened, error_of)
