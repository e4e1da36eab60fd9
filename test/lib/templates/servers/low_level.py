"""A server made of the low-level class, which mcp 1.x and 2.x give their handlers in different ways."""

import contextlib

from mcp import types
from mcp.server.lowlevel import Server

entered = []


@contextlib.asynccontextmanager
async def lifespan(_):
    entered.append(True)
    yield {"started": len(entered)}


ECHO = types.Tool.model_validate(
    {
        "name": "echo",
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]},
    }
)


def text_of(name, arguments, context):
    if name == "echo":
        return arguments["text"]
    if name == "started":
        return str(context.lifespan_context["started"])
    if name == "version":
        # mcp 1.x tells its handlers none.
        return getattr(context, "protocol_version", "unknown")
    raise ValueError(f"no tool {name}")


if hasattr(Server, "list_tools"):
    mcp = Server("low-level", version="1.0", lifespan=lifespan)

    @mcp.list_tools()
    async def list_tools():
        return [ECHO]

    @mcp.call_tool()
    async def call_tool(name, arguments):
        text = text_of(name, arguments, mcp.request_context)
        return [types.TextContent(type="text", text=text)]

else:

    async def list_tools(context, params):
        return types.ListToolsResult(tools=[ECHO])

    async def call_tool(context, params):
        try:
            text = text_of(params.name, params.arguments, context)
        except ValueError as error:
            content = [types.TextContent(type="text", text=str(error))]
            return types.CallToolResult(content=content, is_error=True)
        return types.CallToolResult(content=[types.TextContent(type="text", text=text)])

    mcp = Server(
        "low-level", version="1.0", lifespan=lifespan, on_list_tools=list_tools, on_call_tool=call_tool
    )
