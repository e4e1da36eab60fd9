"""Forecasts of time series, such as daily costs or requests, as an MCP server.

A model deployment loads `mcp` from here. In a container, `python -m server` serves it at MCP_PORT.
"""

import os
from typing import Annotated

from mcp.server import MCPServer
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from smoothing import forecast as smooth

mcp = MCPServer("forecast", instructions="Forecasts numbers that were measured at equal distances in time.")


class Forecast(BaseModel):
    """The next values of a series, and the range that 95 of 100 of the very next ones should fall into."""

    values: list[float]
    low: float
    high: float


@mcp.tool()
def forecast(
    values: Annotated[list[float], Field(min_length=4, max_length=10_000, description="oldest first")],
    steps: Annotated[int, Field(ge=1, le=1000, description="how many values to forecast")],
    season: Annotated[int, Field(ge=1, description="values until a pattern repeats: 7 for days in weeks")] = 1,
) -> Forecast:
    """Forecasts the next values of a series with its trend and its season."""
    if len(values) < 2 * season:
        raise ValueError(f"a season of {season} takes at least {2 * season} values, got {len(values)}")
    ahead, deviation = smooth(values, steps, season)
    return Forecast(values=ahead, low=ahead[0] - 1.96 * deviation, high=ahead[0] + 1.96 * deviation)


@mcp.resource("forecast://method")
def method() -> str:
    """How the forecasts are made."""
    return "Holt-Winters exponential smoothing, additive, with fixed weights: 0.5 level, 0.2 trend, 0.3 season."


@mcp.prompt()
def explain(question: str) -> str:
    """A question about a forecast, with what an answer should hold."""
    return f"{question}\n\nUse the forecast tool. Say the trend, the season and how sure the forecast is."


@mcp.custom_route("/health", methods=["GET"])
async def health(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ok")


if __name__ == "__main__":
    mcp.run(
        "streamable-http",
        host=os.environ.get("MCP_HOST", "0.0.0.0"),
        port=int(os.environ.get("MCP_PORT", "8000")),
        streamable_http_path=os.environ.get("MCP_PATH", "/mcp"),
        json_response=True,
        stateless_http=True,
    )
