import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject } from '../../../gateway-runtime/src/contracts/json-rpc.js';
import { exported, functionFormats } from '../../../gateway-runtime/src/rest/functions/export.js';
import type { FunctionFormat } from '../../../gateway-runtime/src/rest/functions/format.js';
import { startGateway, type TestGateway, until } from '../../helpers/gateway-instance';
import { startIssuer, type TestIssuer } from '../../helpers/gateway-jwt';
import { structuredServer } from '../../helpers/gateway-rest';
import { startHttpServer } from '../../helpers/gateway-servers';
import { repository } from '../../helpers/imports';
import { startModelServices } from '../../helpers/model-services';
import { oddTools } from '../../helpers/odd-tools';
import { faultsOfOpenApi } from '../../helpers/openapi-documents';

const run = promisify(execFile);
const modules = join(repository, 'node_modules');

/** A folder in which programs find the packages of the repository. */
const folder = mkdtempSync(join(tmpdir(), 'rest-clients-'));
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

let issuer: TestIssuer;
let gateway: TestGateway;
let token: string;

/** What is at a path of the REST API. */
async function get(path: string): Promise<JsonObject> {
  const answer = await fetch(`${gateway.origin}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as JsonObject;
}

beforeAll(async () => {
  symlinkSync(modules, join(folder, 'node_modules'));
  write('package.json', '{ "type": "module" }');
  issuer = await startIssuer();
  token = await issuer.sign({ scope: 'mcp' });
  const [weather, alpha] = await Promise.all([structuredServer(), startHttpServer('alpha')]);
  gateway = await startGateway({
    rest_api: true,
    backends: [
      { name: 'weather', url: weather.url, namespace_tools: false },
      { name: 'alpha', url: alpha.url, namespace_tools: false, tools: { echo: { name: 'echo' } } },
    ],
    auth: { jwt_issuer: issuer.name, jwt_audience: 'mcp', jwt_public_key: issuer.publicKey, required_scopes: ['mcp'] },
  });
  await until(async () => ((await get('tools')).tools as object[]).length === 5, 'all tools to be listed');
});

afterAll(async () => {
  await gateway.close();
  await issuer.close();
  rmSync(folder, { recursive: true });
});

const docs = readFileSync(join(repository, 'docs/rest.md'), 'utf8');

/** The programs of the documentation. */
const shown = [...docs.matchAll(/### (\w+)\n\n```ts\n(.*?)```/gs)].map(
  ([, service, program]) => [service as string, program as string] as const,
);

test('the documentation shows three programs', () => {
  expect(shown.map(([service]) => service)).toEqual(['OpenAI', 'Gemini', 'Anthropic']);
});

test('the request that the documentation shows is answered', async () => {
  const [, path = '', given = ''] = /```sh\ncurl https:\/\/mcp\.example\.com(\S+) ([^`]+)```/.exec(docs) ?? [];
  const headers = [...given.matchAll(/-H "([^:]+): ([^"]+)"/g)].map(
    ([, name, value]) => [name, value?.replace('$TOKEN', token)] as [string, string],
  );
  const body = /-d '(.*)'/.exec(given)?.[1];
  const answer = await fetch(gateway.origin + path, { method: 'POST', headers, body });
  expect(await answer.json()).toEqual({ city: 'Berne', days: [{ day: 1 }, { day: 2 }] });
});

test('the documentation names every code and every format', () => {
  const source = readFileSync(join(repository, 'gateway-runtime/src/rest/problem.ts'), 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code as string);
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((code) => code !== 'internal' && !docs.includes(`\`${code}\``))).toEqual([]);
  for (const format of functionFormats.keys()) expect(docs).toContain(`| \`${format}\` |`);
});

test.each(shown)(
  'the program for %s has its model call a tool through the gateway',
  async (service, program) => {
    const services = await startModelServices('weather_forecast', { city: 'Berne', days: 2 });
    write(`run/${service}.ts`, program);
    const { stdout } = await run(process.execPath, ['--import', 'tsx', join(folder, `run/${service}.ts`)], {
      cwd: folder,
      env: { ...process.env, ...services.environment, GATEWAY_URL: `${gateway.origin}/api/v1`, GATEWAY_TOKEN: token },
      timeout: 60_000,
    });
    expect(stdout).toBe('It found {"city":"Berne","days":[{"day":1},{"day":2}]}\n');
    const [first, second] = services.requests;
    expect(services.requests).toHaveLength(2);
    expect(JSON.stringify(first?.body.tools)).toContain('"weather_forecast"');
    expect(second?.body.tools).toEqual(first?.body.tools);
  },
  90_000,
);

test('exported tools are of the types that the SDKs want', async () => {
  const typed = (name: string, type: string, from: string, values: unknown) =>
    write(`types/${name}.ts`, `import ${from};\nexport const tools: ${type} = ${written(values)};\n`);
  const types = {
    openai: ['OpenAI.Responses.FunctionTool[]', "OpenAI from 'openai'"],
    'openai-chat': ['OpenAI.Chat.Completions.ChatCompletionFunctionTool[]', "OpenAI from 'openai'"],
    gemini: ['Tool[]', "{ type Tool, Type } from '@google/genai'"],
    anthropic: ['Anthropic.Tool[]', "Anthropic from '@anthropic-ai/sdk'"],
  } as const;
  for (const [format, [type, from]] of Object.entries(types)) {
    const { tools } = await get(`tools?format=${format}`);
    const odd = exported(format, functionFormats.get(format) as FunctionFormat, oddTools);
    expect([(tools as object[]).length, odd.tools.length].every((count) => count > 0)).toBe(true);
    typed(format, type, from, [...(tools as object[]), ...odd.tools]);
  }
  for (const [service, program] of shown) write(`types/program-${service}.ts`, program);
  expect(await compiled('types')).toBe('');
  // The compiler sees what is wrong.
  typed('gemini', ...types.gemini, [{ functionDeclarations: [{ name: 'x', parameters: { type: 'text' } }] }]);
  expect(await compiled('types')).toContain(`'"text"' is not assignable to type 'Type`);
}, 120_000);

test.each(['openapi.json', 'openapi-3.0.json'])(
  'a client that is generated from %s calls a tool',
  async (path) => {
    const document = await get(path);
    expect(await faultsOfOpenApi(document)).toEqual([[]]);
    const name = path.replace(/\W/g, '');
    write(`${name}/openapi.json`, JSON.stringify(document));
    const generator = join(modules, 'openapi-typescript-codegen/bin/index.js');
    const output = join(folder, name, 'client');
    const options = ['--input', join(folder, name, 'openapi.json'), '--output', output, '--client', 'fetch'];
    await run(process.execPath, [generator, ...options]);
    write(
      `${name}/main.ts`,
      `import { DefaultService, OpenAPI } from './client/index';
    OpenAPI.TOKEN = process.env.GATEWAY_TOKEN;
    const answer = await DefaultService.weatherForecast({ city: 'Berne', days: 2 });
    const count: number = answer.days.length;
    const failed = await DefaultService.fail({}).catch(({ status, body }) => ({ status, code: body.code }));
    console.log(JSON.stringify({ city: answer.city, count, failed }));\n`,
    );
    expect(await compiled(name)).toBe('');
    const { stdout } = await run(process.execPath, ['--import', 'tsx', join(folder, name, 'main.ts')], {
      cwd: folder,
      env: { ...process.env, GATEWAY_TOKEN: token },
    });
    expect(JSON.parse(stdout)).toEqual({ city: 'Berne', count: 2, failed: { status: 422, code: 'tool_failed' } });
  },
  120_000,
);

/** Values as a program says them: types of Gemini's schemas are an enumeration, which takes no texts. */
function written(values: unknown): string {
  return JSON.stringify(values, undefined, 1).replace(/("type": )"([A-Z]+)"/g, '$1Type.$2');
}

/** What the compiler says of the programs of a folder. */
async function compiled(path: string): Promise<string> {
  const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'esnext'];
  const resolution = ['--moduleResolution', 'bundler', '--types', 'node'];
  write(`${path}/tsconfig.json`, JSON.stringify({ include: ['**/*.ts'] }));
  const compiler = join(modules, 'typescript/bin/tsc');
  const flags = [...options, ...resolution, '-p', join(folder, path)];
  return run(process.execPath, [compiler, ...flags], { cwd: folder }).then(
    ({ stdout }) => stdout,
    ({ stdout }) => stdout as string,
  );
}
