"""An MCP server. Every function with @mcp.tool() is a tool: its text is what models read about it."""

import os

from mcp.server import MCPServer

mcp = MCPServer("hello")


@mcp.tool()
def greet(name: str) -> str:
    """Greets somebody by name."""
    return f"Hello, {name}!"


if __name__ == "__main__":
    mcp.run(
        transport="streamable-http",
        host=os.environ.get("MCP_HOST", "0.0.0.0"),
        port=int(os.environ["MCP_PORT"]),
        streamable_http_path=os.environ["MCP_PATH"],
    )
