"""A server of the Python SDK with something of everything."""

import asyncio

try:
    from mcp.server.mcpserver import Context, MCPServer
except ImportError:
    from mcp.server.fastmcp import Context, FastMCP as MCPServer

mcp = MCPServer("everything")


@mcp.tool()
def echo(text: str) -> str:
    return text


@mcp.tool()
def fail() -> str:
    raise ValueError("it failed")


@mcp.tool()
def grow(bytes: int) -> str:
    return "x" * bytes


@mcp.tool()
async def wait(ms: int) -> str:
    await asyncio.sleep(ms / 1000)
    return "done"


@mcp.tool()
async def progress(ctx: Context) -> str:
    await ctx.report_progress(1)
    return "done"


@mcp.tool()
async def ask(ctx: Context) -> str:
    return str(await ctx.session.list_roots())


@mcp.resource("note://one")
def note() -> str:
    return "a note"


@mcp.prompt()
def greet(name: str) -> str:
    return f"Greet {name}"


def make_other():
    return MCPServer("other")


no_server = "text"
