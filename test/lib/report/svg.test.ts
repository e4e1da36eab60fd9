import type { PlatformDocument } from '../../../lib/report/platform-document';
import { svgOf } from '../../../lib/report/svg';

const awkward = 'a<b>&"\'\u0007 ]]> --> ünï';

const document: PlatformDocument = {
  version: 1,
  servers: [
    { path: awkward, name: 'a', transport: 'sse' },
    { path: 'stack/Far', name: 'far', transport: 'sse' },
  ],
  gateways: [{ path: 'stack/Gateway', url: 'https://y', authentication: { method: 'none' } }],
  edges: [{ path: 'stack/Edge', kind: 'API gateway', authentication: 'none', leadsTo: ['stack/Gateway'], routes: [] }],
  clients: [],
  calls: [
    { from: 'stack/Gateway', to: awkward, tools: ['*'], encrypted: false },
    {
      from: 'stack/Gateway',
      to: 'stack/Far',
      tools: ['a_very_long_name_of_a_tool', 'and_another_long_one'],
      encrypted: true,
    },
  ],
  paths: [{ from: 'stack/Far', to: 'stack/Edge', port: 'TCP 443' }],
  statements: [],
  dynamicGroups: [],
  secrets: [],
  suppressions: [],
};

/** The tags of a text that is XML as far as this library writes it; anything else fails. */
function elementsOf(svg: string): { name: string; attributes: { [name: string]: string } }[] {
  const open: string[] = [];
  const found: { name: string; attributes: { [name: string]: string } }[] = [];
  const rest = svg.replace(
    /<(\/?)([\w]+)((?:\s[\w:-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)\s*(\/?)>|[^<>&]+|&#\d+;/g,
    (text, end, name, attributes, empty) => {
      if (name === undefined) return '';
      if (end) expect(open.pop()).toBe(name);
      else {
        if (!empty) open.push(name);
        const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]);
        found.push({ name, attributes: Object.fromEntries(pairs) });
      }
      return text && '';
    },
  );
  expect({ rest, open }).toEqual({ rest: '', open: [] });
  return found;
}

test('any name can be drawn', () => {
  const svg = svgOf(document, awkward);
  expect(elementsOf(svg).filter(({ name }) => name === 'rect')).toHaveLength(4);
  expect(svg).toContain('>a&#60;b&#62;&#38;&#34;&#39; ]]&#62; --&#62; ünï</text>');
});

test('boxes stand apart, callers left of what they call', () => {
  const boxes = elementsOf(svgOf(document))
    .filter(({ name }) => name === 'rect')
    .map(({ attributes: { class: kind, x, y, width } }) => ({
      kind,
      x: Number(x),
      y: Number(y),
      width: Number(width),
    }));
  const [edge, gateway, far, near] = ['edge', 'gateway', 'other', 'other'].map((kind, i) => {
    const same = boxes.filter((box) => box.kind === `box ${kind}`);
    return same[i > 2 ? 1 : 0] ?? { x: 0, y: 0, width: 0 };
  });
  expect((edge?.x ?? 0) + (edge?.width ?? 0)).toBeLessThan(gateway?.x ?? 0);
  expect((gateway?.x ?? 0) + (gateway?.width ?? 0)).toBeLessThan(far?.x ?? 0);
  expect(far?.y).not.toBe(near?.y);
});

test('what is not encrypted is dotted, and long labels are told whole in a tooltip', () => {
  const svg = svgOf(document);
  const lines = elementsOf(svg).filter(({ attributes }) => attributes['class']?.startsWith('link'));
  expect(lines.filter(({ attributes }) => attributes['class'] === 'link open')).toHaveLength(1);
  expect(svg).toContain('a_very_long_name_of_a_tool, and_another_lon…');
  expect(svg).toContain(
    '<title>stack/Gateway to stack/Far: a_very_long_name_of_a_tool, and_another_long_one, encrypted</title>',
  );
});

test('an empty platform is an empty picture', () => {
  const nothing = { ...document, servers: [], gateways: [], edges: [], calls: [], paths: [] };
  expect(elementsOf(svgOf(nothing)).filter(({ name }) => name === 'rect')).toEqual([]);
});
