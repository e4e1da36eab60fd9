import { Annotations, Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { reportFault } from './validation';

/**
 * Checks a container image's name: reports an empty or malformed one, and warns when it is not pinned by digest, because
 * a tag can be moved to other content between two restarts.
 */
export function checkImage(scope: IConstruct, prop: string, image: string): void {
  if (Token.isUnresolved(image)) return;
  if (!/^[a-z0-9]([\w.-]*[a-z0-9])?(:\d+)?(\/[a-z0-9._-]+)*(:[\w.-]+)?(@sha256:[0-9a-f]+)?$/i.test(image)) {
    reportFault(scope, {
      prop,
      got: image,
      allowed: 'a container image such as "fra.ocir.io/acme/logs-mcp@sha256:…"',
    });
  } else if (!image.includes('@sha256:')) {
    Annotations.of(scope).addWarning(
      `${prop}: image "${image}" is not pinned by digest; use "${image.replace(/:[\w.-]+$/, '')}@sha256:…" so that every restart runs the same content`,
    );
  }
}
