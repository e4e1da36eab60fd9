"""An MCP server. Every function with @mcp.tool() is a tool: its text is what models read about it."""

from mcp.server import MCPServer

mcp = MCPServer("hello")


@mcp.tool()
def greet(name: str) -> str:
    """Greets somebody by name."""
    return f"Hello, {name}!"
