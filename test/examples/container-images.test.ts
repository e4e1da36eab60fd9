import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Block, readSynthesized } from '../helpers/synth';
import { synthApp } from '../helpers/synth-app';

const root = join(__dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

test('every folder is built from what has been synthesized, with nothing but the server and its template', async () => {
  const files = await synthApp('examples/container-images/main.ts');
  const stack = readSynthesized(JSON.parse(files.get('stacks/container-images/cdk.tf.json') ?? '{}'));
  const filesOf = (image: Block | undefined) => {
    const context = `stacks/container-images/${image?.['build'].context}/`;
    const inside = [...files].filter(([path]) => path.startsWith(context));
    return Object.fromEntries(inside.map(([path, text]) => [path.slice(context.length), text]));
  };
  const [convert, forecast] = stack.resources('docker_image').map(filesOf);
  const servers = 'examples/container-images/servers';
  expect(forecast).toEqual({
    Dockerfile: read('lib/templates/python-server/Dockerfile'),
    'requirements.txt': read(`${servers}/forecast/requirements.txt`),
    'server.py': read(`${servers}/forecast/server.py`),
  });
  expect(convert).toEqual({
    Dockerfile: read('lib/templates/node-server/Dockerfile'),
    'package.json': read(`${servers}/convert/package.json`),
    'package-lock.json': read(`${servers}/convert/package-lock.json`),
    'server.js': read(`${servers}/convert/server.js`),
  });
}, 60_000);
