"""Forecasts the next value of a series by its linear trend."""

import os

from mcp.server import MCPServer

mcp = MCPServer("forecast", instructions="Forecasts the next value of a series of numbers.")


@mcp.tool()
def forecast(values: list[float]) -> float:
    """The next value of a series, along the straight line closest to its values."""
    count = len(values)
    if count < 2:
        raise ValueError("a trend needs at least two values")
    mean_x = (count - 1) / 2
    mean_y = sum(values) / count
    slope = sum((x - mean_x) * (y - mean_y) for x, y in enumerate(values)) / sum(
        (x - mean_x) ** 2 for x in range(count)
    )
    return mean_y + slope * (count - mean_x)


if __name__ == "__main__":
    mcp.run(
        transport="streamable-http",
        host="0.0.0.0",
        port=int(os.environ["MCP_PORT"]),
        streamable_http_path=os.environ["MCP_PATH"],
    )
