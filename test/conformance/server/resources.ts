import { type Json, Refusal } from './call';
import { picture } from './media';

/** A resource that a client can watch; it never changes. */
export const watched = 'test://watched-resource';

const files: readonly (Json & { uri: string })[] = [
  { uri: 'test://static-text', mimeType: 'text/plain', text: 'This is the content of the static text resource.' },
  { uri: 'test://static-binary', mimeType: 'image/png', blob: picture },
  { uri: watched, mimeType: 'text/plain', text: 'Nothing has changed.' },
];

export const resources: readonly Json[] = files.map(({ uri, mimeType }) => ({
  uri,
  name: uri.slice('test://'.length),
  description: 'A resource for testing',
  mimeType,
}));

export const resourceTemplates: readonly Json[] = [
  {
    uriTemplate: 'test://template/{id}/data',
    name: 'template',
    description: 'A resource with an id in its URI',
    mimeType: 'application/json',
  },
];

/** The result of `resources/read`. @throws Refusal for a URI that there is not */
export function readResource(uri: string): Json {
  const file = files.find((candidate) => candidate.uri === uri);
  if (file) return { contents: [file] };
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) throw new Refusal(-32602, 'there is no such resource', { uri });
  const body = { id, templateTest: true, data: `Data for ID: ${id}` };
  return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify(body) }] };
}
