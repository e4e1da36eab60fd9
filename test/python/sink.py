"""What the servers of the Python SDKs have in common: every feature of MCP, as sink.json describes it."""

import json
import logging
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio

SINK: dict[str, Any] = json.loads((Path(__file__).parent.parent / "gateway-runtime/peers/sink.json").read_text("utf-8"))
INFO, INSTRUCTIONS = SINK["info"], SINK["instructions"]

# `wait` takes this many seconds unless it is cancelled.
PATIENCE = 5

# What all sessions of this process share.
extra = False
cancelled: set[str] = set()
connected: set[Any] = set()
subscribers: dict[str, set[Any]] = {}


async def tell(connections: set[Any], say: Callable[[Any], Any]) -> None:
    """Some of the connections may be gone; then nobody takes in what they are told."""
    for connection in list(connections):
        with anyio.move_on_after(1):
            try:
                await say(connection)
            except anyio.ClosedResourceError:
                connections.discard(connection)

# What tests provoke is nothing to tell of.
logging.disable(logging.CRITICAL)


def dump(model: Any) -> Any:
    """A model of the SDK as it was on the wire."""
    return model.model_dump(by_alias=True, mode="json", exclude_unset=True)


def said(value: Any) -> dict[str, Any]:
    return {"content": [{"type": "text", "text": json.dumps(value)}]}


def foreign_meta(meta: dict[str, Any]) -> dict[str, Any]:
    """Members of `_meta` that come from the caller and not from the protocol."""
    own = ("io.modelcontextprotocol/", "progressToken", "progress_token")
    return {key: value for key, value in meta.items() if not key.startswith(own) and value is not None}


async def answer(method: str, params: dict[str, Any], context: Any, refuse: Callable[..., Exception]) -> Any:
    """The result of a request, as JSON. `context.connection` tells its client what changed."""
    connected.add(context.connection)
    if method == "resources/subscribe":
        subscribers.setdefault(params["uri"], set()).add(context.connection)
    if method == "resources/unsubscribe":
        subscribers.get(params["uri"], set()).discard(context.connection)
    lists = {"tools/list": "tool", "prompts/list": "prompt", "resources/list": "resource"}
    if kind := lists.get(method):
        items = SINK[f"{kind}s"]
        return {f"{kind}s": [*items, SINK["extra"][kind]] if extra else items}
    if method == "resources/templates/list":
        return {"resourceTemplates": SINK["templates"]}
    if method == "tools/call":
        return await call(params["name"], params.get("arguments"), context, refuse)
    if method == "prompts/get":
        return await prompt(params, context)
    if method == "resources/read":
        return await read(params["uri"], context)
    if method == "completion/complete":
        return complete(**params)
    return {}


async def call(name: str, given: Any, context: Any, refuse: Callable[..., Exception]) -> Any:
    global extra
    done = SINK["results"]["done"]
    if name == "refuse":
        raise refuse(**SINK["refusal"])
    if name in SINK["results"]:
        return SINK["results"][name]
    if name == "echo":
        return said(given)
    if name == "progress":
        for step in SINK["progress"]:
            await context.progress(step)
            # Clients of TypeScript lose progress that comes together with the answer.
            await anyio.sleep((given or {}).get("ms", 0) / 1000)
    if name == "log":
        for message in SINK["logs"]:
            await context.log(message)
    if name == "wait":
        try:
            await anyio.sleep(PATIENCE)
        except anyio.get_cancelled_exc_class():
            cancelled.add(given["key"])
            raise
    if name == "cancelled":
        return said(given["key"] in cancelled)
    if name == "ask":
        return await context.ask(SINK["asks"][given["what"]], said)
    if name == "mark":
        mark = given["mark"]
        await context.progress({"progress": 1, "total": None, "message": mark})
        await context.log({"level": "info", "data": mark})
        form = SINK["asks"]["form"]
        return await context.ask({**form, "params": {**form["params"], "message": mark}}, said)
    if name == "change":
        extra = given["extra"]
        await tell(connected, lambda connection: connection.changed())
    if name == "touch":
        uri = given["uri"]
        await tell(subscribers.get(uri, set()), lambda connection: connection.touched(uri))
    if name == "meta":
        return {**said(foreign_meta(context.meta)), "_meta": {"com.example/answer": [1, None]}}
    return done


async def prompt(params: dict[str, Any], context: Any) -> Any:
    def message(value: Any) -> Any:
        text = {"type": "text", "text": json.dumps(value)}
        image = SINK["results"]["media"]["content"][0]
        messages = [{"role": "user", "content": text}, {"role": "assistant", "content": image}]
        return {"description": f"A {params['name']}", "messages": messages}

    if params["name"] == "interview":
        return await context.ask(SINK["asks"]["form"], message)
    return message(params.get("arguments"))


async def read(uri: str, context: Any) -> Any:
    def text(value: Any) -> Any:
        return {"contents": [{"uri": uri, "mimeType": "text/plain", "text": json.dumps(value)}]}

    if uri == "secret://s":
        return await context.ask(SINK["asks"]["form"], text)
    content = SINK["contents"].get(uri)
    return {"contents": [content]} if content else text(uri)


def complete(ref: dict[str, Any], argument: dict[str, str], context: Any = None, **_: Any) -> Any:
    values = [value for value in SINK["completions"] if value.startswith(argument["value"])]
    others = ((context or {}).get("arguments") or {}).values()
    values.append(" ".join([ref.get("name") or ref["uri"], argument["name"], *others]))
    return {"completion": {"values": values, "total": len(values), "hasMore": False}}


async def serve(app: Any) -> None:
    """Serves HTTP on a free port and says which on standard output."""
    import uvicorn

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(json.dumps({"port": listener.getsockname()[1]}), flush=True)
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    await uvicorn.Server(config).serve(sockets=[listener])
