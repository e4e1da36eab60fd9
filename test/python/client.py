"""What the clients of the Python SDKs have in common: tests say on standard input what they do, one JSON object a line."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

ANSWERS = json.loads((Path(__file__).parent.parent / "gateway-runtime/peers/sink.json").read_text("utf-8"))["answers"]

# What tests provoke is nothing to tell of.
logging.disable(logging.CRITICAL)


def dump(model: Any) -> Any:
    """A model of the SDK as it was on the wire."""
    return model.model_dump(by_alias=True, mode="json", exclude_unset=True)


def say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Session:
    """A connection: what it hears goes to the test as it comes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closing = anyio.Event()
        self.closed = anyio.Event()
        self.client: Any = None
        self.tasks: Any = None

    def heard(self, method: str, params: Any = None) -> None:
        say({"session": self.name, "heard": {"method": method, **({"params": params} if params is not None else {})}})

    def asked(self, method: str, params: Any = None) -> Any:
        """Tells the test of a question. @returns the answer as JSON"""
        self.heard(method, params)
        if method == "elicitation/create":
            return ANSWERS["url" if params.get("mode") == "url" else "form"]
        return ANSWERS["roots" if method == "roots/list" else "sample"]


sessions: dict[str, Session] = {}


async def connect(session: Session, opened: Any, id: int, target: dict[str, Any], era: str) -> None:
    try:
        async with opened(session, target, era) as client:
            async with anyio.create_task_group() as session.tasks:
                session.client = client
                say({"id": id, "result": {}})
                await session.closing.wait()
                session.tasks.cancel_scope.cancel()
    except Exception as error:
        if session.client is None:
            say({"id": id, "error": {"code": 0, "message": repr(error)}})
    finally:
        session.closed.set()


async def obey(command: dict[str, Any], opened: Any, error_of: Callable[[Exception], Any], tasks: Any) -> None:
    id = command["id"]
    name = command["session"]
    if command["do"] == "connect":
        sessions[name] = Session(name)
        tasks.start_soon(connect, sessions[name], opened, id, command["target"], command["era"])
        return
    session = sessions[name]
    if command["do"] == "close":
        session.closing.set()
        await session.closed.wait()
        return say({"id": id, "result": {}})
    try:
        with anyio.move_on_after(command.get("cancelAfterMs", 60_000) / 1000):
            if command["do"] == "listen":
                result = await session.client.listen(command["uri"], session.tasks)
            else:
                progress = on_progress(session) if command.get("progress") else None
                result = await session.client.request(command["method"], command.get("params", {}), progress)
            return say({"id": id, "result": result})
        say({"id": id, "error": {"code": 0, "message": "cancelled"}})
    except Exception as error:
        say({"id": id, "error": error_of(error)})


def on_progress(session: Session) -> Any:
    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        step = {"progress": progress, "total": total, "message": message}
        session.heard("notifications/progress", {key: value for key, value in step.items() if value is not None})

    return progressed


def serve(opened: Any, error_of: Callable[[Exception], Any]) -> None:
    """
    Does what tests say until standard input ends.
    `opened(session, target, era)` is a context with `request(method, params, progress)` and `listen(uri, tasks)`;
    `error_of` is what the server said, as JSON.
    """

    async def main() -> None:
        async with anyio.create_task_group() as tasks:
            async for line in anyio.wrap_file(sys.stdin):
                tasks.start_soon(obey, json.loads(line), opened, error_of, tasks)
            tasks.cancel_scope.cancel()

    anyio.run(main)
