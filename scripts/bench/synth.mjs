// Servers through the constructs, and the same resources with the bindings of the providers alone.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { root } from '../setup.mjs';

const require = createRequire(join(root, 'lib/package.json'));
const { App, TerraformStack } = require('cdktf');
const { KubernetesProvider } = require('@cdktf/provider-kubernetes/lib/provider');
const mcp = require(join(root, 'lib/dist/index.js'));

/** Attributes whose members are named by users. */
const maps = ['labels', 'annotations', 'match_labels', 'selector', 'limits', 'requests', 'node_selector', 'data'];

/**
 * Synthesizes so many servers both ways, in turn, so many times.
 * @returns milliseconds of each way in the middle, and how many resources there are
 */
export function measureSynth(servers, rounds) {
  const directory = mkdtempSync(join(tmpdir(), 'mcp-synth-'));
  try {
    const wanted = synthesize(directory, (stack) => throughConstructs(stack, servers)).stack;
    const resources = handWritten(wanted);
    const times = { constructs: [], bindings: [] };
    for (let round = 0; round < rounds; round++) {
      times.constructs.push(synthesize(directory, (stack) => throughConstructs(stack, servers)).milliseconds);
      const { milliseconds, stack } = synthesize(directory, (scope) => throughBindings(scope, resources));
      times.bindings.push(milliseconds);
      if (!isDeepStrictEqual(withoutPaths(stack), withoutPaths(wanted))) {
        throw new Error('the two ways do not make the same resources');
      }
    }
    const middle = (all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)];
    return {
      servers,
      resources: resources.length,
      constructs: middle(times.constructs),
      bindings: middle(times.bindings),
    };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function synthesize(outdir, build) {
  const began = performance.now();
  const app = new App({ outdir, skipValidation: false });
  build(new TerraformStack(app, 'bench'));
  app.synth();
  const milliseconds = performance.now() - began;
  return { milliseconds, stack: JSON.parse(readFileSync(join(outdir, 'stacks/bench/cdk.tf.json'), 'utf8')) };
}

function throughConstructs(stack, servers) {
  const cluster = mcp.OkeCluster.fromClusterAttributes(stack, 'Cluster', { clusterId: 'ocid1.cluster.oc1.fra.bench' });
  new KubernetesProvider(stack, 'Kubernetes', {});
  for (let number = 1; number <= servers; number++) {
    new mcp.McpServer(stack, `Server${number}`, {
      source: mcp.McpServerSource.image('fra.ocir.io/acme/logs-mcp:1.4.0'),
      hosting: new mcp.OkeHosting({ cluster, namespace: 'mcp', replicas: 2 }),
    });
  }
}

function throughBindings(stack, resources) {
  new KubernetesProvider(stack, 'Kubernetes', {});
  for (const { Resource, id, config } of resources) new Resource(stack, id, config).overrideLogicalId(id);
}

/** What somebody would have written who writes every resource by hand. */
function handWritten({ resource }) {
  return Object.entries(resource).flatMap(([type, all]) => {
    const name = type.replace(/^kubernetes_/, '');
    const module = require(`@cdktf/provider-kubernetes/lib/${name.replaceAll('_', '-')}`);
    const Resource = module[camel(`_${name}`)];
    return Object.entries(all).map(([id, { '//': _, ...config }]) => ({ Resource, id, config: written(config) }));
  });
}

/** Attributes as bindings call them. */
function written(value, isMap = false) {
  if (Array.isArray(value)) return value.map((item) => written(item, isMap));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      isMap ? name : camel(name),
      written(member, maps.includes(name) && !isBlock(member)),
    ]),
  );
}

/** Whether what is called as a map is something else here: a selector may be either. */
function isBlock(value) {
  return Array.isArray(value) || 'match_labels' in value;
}

/** Resources without what CDKTF says of the places where they were made. */
function withoutPaths({ resource }) {
  return Object.entries(resource).map(([type, all]) => [
    type,
    Object.entries(all).map(([id, { '//': _, ...config }]) => [id, config]),
  ]);
}

function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}
