"""An MCP server that tells when something that grows will be full."""

try:
    from mcp.server.mcpserver import MCPServer
except ImportError:  # mcp 1.x
    from mcp.server.fastmcp import FastMCP as MCPServer

mcp = MCPServer("capacity", instructions="Forecasts from daily samples, by the line that fits them best.")


@mcp.tool()
def days_until_full(samples: list[float], limit: float) -> str:
    """Tells in how many days `limit` is reached, from one sample a day, the latest last."""
    slope = growth_per_day(samples)
    if samples[-1] >= limit:
        return "full already"
    if slope <= 0:
        return "never: it does not grow"
    return f"in {(limit - samples[-1]) / slope:.1f} days"


@mcp.resource("capacity://method")
def method() -> str:
    """How the forecast is made."""
    return "Least squares over the samples; the last sample is where the forecast starts."


def growth_per_day(samples: list[float]) -> float:
    """The slope of the line that fits the samples best."""
    if len(samples) < 2:
        raise ValueError("at least two samples are needed")
    mean_day = (len(samples) - 1) / 2
    mean = sum(samples) / len(samples)
    covariance = sum((day - mean_day) * (sample - mean) for day, sample in enumerate(samples))
    return covariance / sum((day - mean_day) ** 2 for day in range(len(samples)))
