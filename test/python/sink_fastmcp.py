"""A FastMCP server that speaks both eras, with what FastMCP has of sink.json: `stdio`, `http` at /mcp or `sse` at /sse."""

import json
import sys
from typing import Annotated, Any

import anyio
import mcp_types as types
from fastmcp import Context, FastMCP
from fastmcp.exceptions import ToolError
from fastmcp.prompts import Message
from fastmcp.tools import ToolResult
from pydantic import BaseModel, Field

import sink

mcp = FastMCP(sink.INFO["name"], version=sink.INFO["version"], instructions=sink.INSTRUCTIONS)


class Place(BaseModel):
    city: str
    within: "Place | None" = None


@mcp.tool(annotations={"readOnlyHint": True}, meta={"com.example/tool": {"weight": 0.5}}, output_schema=None)
def echo(text: Annotated[str, Field(min_length=0)], where: Place, numbers: list[float], empty: list[Any]) -> str:
    """Says what it was called with"""
    return json.dumps([text, where.model_dump(), numbers, empty])


class Row(BaseModel):
    id: int
    tags: list[str]


class Rows(BaseModel):
    rows: list[Row]


@mcp.tool
def structured() -> Rows:
    return Rows(rows=[Row(id=1, tags=["ä", "\u2028"]), Row(id=2, tags=[])])


@mcp.tool
def media() -> ToolResult:
    return ToolResult.from_mcp_result(types.CallToolResult.model_validate(sink.SINK["results"]["media"]))


@mcp.tool
def fail() -> None:
    raise ToolError("no such city")


@mcp.tool
async def progress(context: Context, ms: float = 0) -> str:
    for step in sink.SINK["progress"]:
        await context.report_progress(**step)
        await anyio.sleep(ms / 1000)
    return "done"


@mcp.tool
async def log(context: Context) -> str:
    await context.debug("small")
    await context.warning("middle", extra={"n": 1})
    return "done"


@mcp.tool
async def wait(key: str) -> None:
    await sink.call("wait", {"key": key}, None, ToolError)


@mcp.tool(output_schema=None)
def cancelled(key: str) -> str:
    return json.dumps(key in sink.cancelled)


def said(answer: Any) -> str:
    return json.dumps(sink.dump(answer))


@mcp.tool(output_schema=None)
async def ask(what: str, context: Context) -> Any:
    request = sink.SINK["asks"][what]
    if context.input_responses is not None:
        return said(context.input_responses["question"])
    if context.request_context.protocol_version >= "2026":
        params = {key: value for key, value in request.get("params", {}).items() if key != "elicitationId"}
        question = {"method": request["method"], **({"params": params} if params else {})}
        return types.InputRequiredResult(inputRequests={"question": question}, requestState="state")
    session, related = context.session, context.request_id
    if what == "form":
        params = request["params"]
        return said(await session.elicit_form(params["message"], params["requestedSchema"], related))
    if what == "url":
        params = request["params"]
        return said(await session.elicit_url(params["message"], params["url"], params["elicitationId"], related))
    if what == "roots":
        return said(await session.list_roots())
    messages = [types.SamplingMessage.model_validate(message) for message in request["params"]["messages"]]
    hints = types.ModelPreferences.model_validate(request["params"]["modelPreferences"])
    answer = await session.create_message(
        messages, max_tokens=10, system_prompt="Be kind", model_preferences=hints, related_request_id=related
    )
    return said(answer)


@mcp.tool
def extra() -> None:
    pass


@mcp.prompt(name="extra")
def extra_prompt() -> str:
    return ""


@mcp.resource("note://extra", name="extra")
def extra_resource() -> str:
    return ""


mcp.disable(names={"extra"})


@mcp.tool
async def change(extra: bool, context: Context) -> None:
    await (context.enable_components if extra else context.disable_components)(names={"extra"})


@mcp.tool(output_schema=None)
def meta(context: Context) -> ToolResult:
    said = sink.said(sink.foreign_meta(dict(context.request_context.meta or {})))
    return ToolResult(content=said["content"][0]["text"], meta={"com.example/answer": [1, None]})


@mcp.prompt
def greet(name: str, tone: str | None = None) -> list[Message]:
    """Greets somebody"""
    return [Message(f"{name}, {tone}"), Message({"as": "JSON"}, role="assistant")]


@mcp.resource("note://a", mime_type="text/plain", title="A")
def note() -> str:
    return sink.SINK["contents"]["note://a"]["text"]


@mcp.resource("blob://b", mime_type="application/octet-stream")
def blob() -> bytes:
    return b"\xff\xfe\xfd\xfc"


@mcp.resource("item://{kind}/{id}", mime_type="text/plain")
def item(kind: str, id: str) -> str:
    return f"{kind} {id}"


@mcp.completion
def complete(ref: Any, argument: Any, context: Any) -> list[str]:
    return sink.complete(sink.dump(ref), sink.dump(argument), sink.dump(context) if context else None)["completion"]["values"]


if sys.argv[1:] == ["stdio"]:
    mcp.run(transport="stdio", show_banner=False)
else:
    http = mcp.http_app()
    http.mount("/", mcp.http_app(transport="sse"))
    anyio.run(sink.serve, http)
