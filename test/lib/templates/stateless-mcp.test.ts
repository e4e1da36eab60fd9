import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { repository } from '../../helpers/imports';
import { describePython, type PythonEnvironment, pythonOf } from '../../helpers/python';

/** Runs a script with the adapter and the servers of the tests on its path. @returns what it printed, as JSON */
function run(environment: PythonEnvironment, script: string): unknown {
  const folders = ['lib/templates/python', 'test/lib/templates/servers'].map((folder) => join(repository, folder));
  const { stdout, stderr, status } = spawnSync(pythonOf(environment), ['-c', script], {
    encoding: 'utf8',
    env: { PYTHONPATH: folders.join(':'), PYTHONDONTWRITEBYTECODE: '1' },
    timeout: 20_000,
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

const prelude = `
import asyncio, json, os, time
import stateless_mcp
from server import mcp

def call(name, arguments, **limits):
    params = {"name": name, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return stateless_mcp.handle(mcp, message, **limits)
`;

describePython.each<PythonEnvironment>(['mcp-1', 'mcp-2'])('stateless_mcp.py with %s', (environment) => {
  test('answers in time with an error, cancels the call and leaves nothing behind', () => {
    const answer = run(
      environment,
      `${prelude}
loop = stateless_mcp.start(mcp)._loop
started = time.monotonic()
answer = call("wait", {"ms": 20000}, timeout_seconds=0.3)
seconds = time.monotonic() - started
time.sleep(0.5)
print(json.dumps({"answer": answer, "quick": seconds < 2, "tasks": len(asyncio.all_tasks(loop))}))
`,
    );
    const error = { code: -32001, message: 'Request timed out after 0.3 seconds' };
    expect(answer).toEqual({ answer: { jsonrpc: '2.0', id: 1, error }, quick: true, tasks: 1 });
  });

  test('takes messages and answers of exactly the most bytes, and refuses one more', () => {
    const codes = run(
      environment,
      `${prelude}
message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "echo", "arguments": {"text": "x" * 2000}}}
size = len(json.dumps(message))
small = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "grow", "arguments": {"bytes": 2000}}}
answer = stateless_mcp.start(mcp).answer(small, json.dumps(small).encode(), 5)
def outcome(answer): return answer.get("error", {}).get("code", "ok")
print(json.dumps([
    outcome(stateless_mcp.handle(mcp, message, max_bytes=max(size, 10000))),
    outcome(stateless_mcp.handle(mcp, message, max_bytes=size - 1)),
    outcome(stateless_mcp.handle(mcp, small, max_bytes=len(answer))),
    outcome(stateless_mcp.handle(mcp, small, max_bytes=len(answer) - 1)),
]))
`,
    );
    expect(codes).toEqual(['ok', -32600, 'ok', -32603]);
  });

  test('answers with an error where a tool asks its client something', () => {
    const answer = run(environment, `${prelude}print(json.dumps(call("ask", {}, timeout_seconds=2)))`);
    expect(answer).toMatchObject({ error: { code: environment === 'mcp-1' ? -32001 : -32600 } });
  });

  test('answers in a worker process that was forked after the start', () => {
    const answer = run(
      environment,
      `${prelude}
call("echo", {"text": "parent"})
reading, writing = os.pipe()
if os.fork() == 0:
    os.write(writing, json.dumps(call("echo", {"text": "child"}, timeout_seconds=10)).encode())
    os._exit(0)
print(os.read(reading, 10000).decode())
os.wait()
`,
    );
    expect(answer).toMatchObject({ result: { content: [{ text: 'child' }] } });
  });
});
