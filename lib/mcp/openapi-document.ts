import { readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import { reportFault } from '../core/validation';
import type { OpenApiEndpoint } from './mcp-endpoint';

/** Bytes of a document in the configuration of a gateway. */
const mostBytes = 256 * 1024;

/** What says where a document is. */
interface DocumentProps {
  readonly documentUrl?: string;
  readonly documentFile?: string;
}

/** Where the document of a service is, or what stands in it. */
export function documentOf(
  scope: IConstruct,
  { documentUrl, documentFile }: DocumentProps,
): OpenApiEndpoint['document'] {
  if ((documentUrl === undefined) === (documentFile === undefined)) {
    reportFault(scope, {
      prop: 'documentUrl',
      got: documentUrl === undefined ? 'neither documentUrl nor documentFile' : 'documentUrl and documentFile',
      allowed: 'one of the two',
    });
  }
  if (documentFile === undefined) return { url: documentUrl ?? 'https://reference.invalid' };
  return { text: textIn(scope, documentFile) };
}

function textIn(scope: IConstruct, file: string): string {
  const report = (got: string, allowed: string, fix: string) => {
    reportFault(scope, { prop: 'documentFile', got, allowed, fix });
    return 'openapi: 3.1.0';
  };
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return report(`${file} (${code})`, 'a file that can be read', 'give the path from the folder where the app runs');
  }
  const size = Buffer.byteLength(text);
  if (size > mostBytes) {
    return report(
      `${size} bytes`,
      `up to ${mostBytes} bytes`,
      'put it where the gateway can get it, and pass documentUrl',
    );
  }
  if (!/["']?(openapi|swagger)["']?\s*:/.test(text)) {
    return report(file, 'an OpenAPI or Swagger document in JSON or YAML', 'pass the document itself');
  }
  return text;
}
