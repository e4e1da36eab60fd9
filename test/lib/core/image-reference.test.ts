import { McpServerSource } from 'cdktf-oci-mcp';
import { faultsOf, synth } from '../../helpers/synth';
import { okeServer, reference } from '../fixtures';

const digest = `sha256:${'0f'.repeat(32)}`;
const warningsFor = (image: string) =>
  synth((stack) => void okeServer(stack, {}, { source: McpServerSource.image(image) })).warnings;

test.each([
  `fra.ocir.io/acme/logs-mcp@${digest}`,
  `localhost:5000/logs@${digest}`,
  `fra.ocir.io/acme/logs-mcp:1.2@${digest}`,
])('nothing is said about %s', (image) => {
  expect(warningsFor(image)).toEqual([]);
});

test.each([
  ['nginx', 'nginx'],
  ['fra.ocir.io/acme/logs-mcp:1.2', 'fra.ocir.io/acme/logs-mcp'],
  ['localhost:5000/logs', 'localhost:5000/logs'],
])('an image that is not pinned, %s, gets a warning', (image, name) => {
  expect(warningsFor(image)).toEqual([
    `[stack/Logs] source: image "${image}" is not pinned by digest; use "${name}@sha256:…" so that every restart runs the same content`,
  ]);
});

test.each(['', 'two words', 'fra.ocir.io/acme/logs:', 'UPPER/', 'a@sha256:xyz', '-a'])(
  'fails when the image is %j',
  (image) => {
    expect(faultsOf((stack) => void okeServer(stack, {}, { source: McpServerSource.image(image) }))).toEqual([
      `[stack/Logs] source: got "${image}"; allowed: a container image such as "fra.ocir.io/acme/logs-mcp@sha256:…"`,
    ]);
  },
);

test('an image that is a reference is taken as it is', () => {
  const { resource } = synth((stack) => {
    okeServer(stack, {}, { source: McpServerSource.image(reference(stack, 'image')) });
  });
  expect(resource('kubernetes_deployment_v1').spec.template.spec.container[0].image).toBe('${var.image}');
});
