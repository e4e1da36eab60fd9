import { join } from 'node:path';
import type { InProcessBackend, StdioBackend } from '../config/backend.js';

/** Imports a module by name and runs one of its variables, a FastMCP server, over stdio. */
const runner = [
  'import importlib, sys',
  'server = getattr(importlib.import_module(sys.argv[1]), sys.argv[2])',
  'server.run(transport="stdio")',
].join('\n');

/** A Python module cannot be loaded into this process: it becomes a child that runs it over stdio. */
export function toChildProcess(backend: InProcessBackend): StdioBackend {
  const { module, venv, server_attr } = backend;
  const command = venv ? join(venv, 'bin', 'python') : 'python3';
  return { ...backend, transport: 'stdio', command, args: ['-c', runner, module, server_attr] };
}
