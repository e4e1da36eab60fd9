// Reads what a stack was synthesized to.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The stacks of a synthesized app.
 * @returns a list of { name, resources: { <kind>: <count> }, gateways: { <name>: <files> } }, where the files of a gateway
 * are its configuration by file name, each parsed, with references left in it as Terraform expressions
 */
export function readStacks(outputFolder) {
  const folder = join(outputFolder, 'stacks');
  return readdirSync(folder).map((name) => {
    const { resource = {} } = JSON.parse(readFileSync(join(folder, name, 'cdk.tf.json'), 'utf8'));
    const resources = Object.fromEntries(
      Object.entries(resource).map(([kind, all]) => [kind, Object.keys(all).length]),
    );
    return { name, resources, gateways: gatewaysOf(resource.kubernetes_config_map_v1 ?? {}) };
  });
}

/** Gateways by name: their ConfigMaps are called `<gateway>-config` and `<gateway>-backends`. */
function gatewaysOf(configMaps) {
  const byName = new Map(Object.values(configMaps).map(({ metadata, data = {} }) => [metadata.name, data]));
  const gateways = [...byName].filter(([, data]) => 'gateway.json' in data);
  return Object.fromEntries(
    gateways.map(([mapName, config]) => {
      const name = mapName.replace(/-config$/, '');
      const backends = Object.values(byName.get(`${name}-backends`)).map(parseTemplate);
      return [name, { config: parseTemplate(config['gateway.json']), backends }];
    }),
  );
}

/** Parses a JSON template: what Terraform would fill in by `${jsonencode(…)}` becomes a string that holds the expression. */
export function parseTemplate(template) {
  const opener = '${jsonencode(';
  let json = '';
  let rest = template;
  for (let at = rest.indexOf(opener); at >= 0; at = rest.indexOf(opener)) {
    const end = closing(rest, at + 1);
    json += rest.slice(0, at) + JSON.stringify(rest.slice(at + opener.length, end - 1));
    rest = rest.slice(end + 1);
  }
  return JSON.parse(json + rest);
}

/** The index of the brace that closes the one at `open`. */
function closing(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '{') depth++;
    if (text[at] === '}' && --depth === 0) return at;
  }
  throw new Error(`an expression is not closed: ${text.slice(open - 1, open + 60)}`);
}
