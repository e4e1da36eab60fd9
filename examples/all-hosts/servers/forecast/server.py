"""Forecasts a series of numbers by its trend."""

try:
    from mcp.server.fastmcp import FastMCP
except ImportError:  # mcp 2 calls it MCPServer
    from mcp.server.mcpserver import MCPServer as FastMCP

mcp = FastMCP("forecast")


@mcp.tool()
def forecast(values: list[float], steps: int = 1) -> list[float]:
    """Continues a series along its line of best fit."""
    count = len(values)
    if count < 2 or not 1 <= steps <= 1000:
        raise ValueError("it takes two values or more, and 1 to 1000 steps")
    mean_x, mean_y = (count - 1) / 2, sum(values) / count
    spread = sum((x - mean_x) ** 2 for x in range(count))
    slope = sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / spread
    return [mean_y + slope * (count + step - mean_x) for step in range(steps)]
