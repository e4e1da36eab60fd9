import type { TracesConfig } from '../../config/telemetry.js';
import { ask } from '../http.js';
import { isReachable } from '../reach/reach.js';
import { adviceFor } from '../reasons.js';
import { Subject } from '../subject.js';
import { ok, problem, type Verdict } from '../verdict.js';

/** The key that a collector asks for. */
interface DataKey {
  readWord(): Promise<string>;
}

/** Looks at where spans are sent. */
export async function examineTraces(
  { otlp_url }: TracesConfig,
  dataKey: DataKey | undefined,
  timeoutMs: number,
): Promise<Subject> {
  const subject = new Subject('traces', timeoutMs);
  if (await isReachable(subject, new URL(otlp_url))) {
    await subject.check('traces', (signal) => takesSpans(otlp_url, dataKey, signal));
  }
  return subject;
}

/** Sends no span at all, which collectors take. */
async function takesSpans(url: string, dataKey: DataKey | undefined, signal: AbortSignal): Promise<Verdict> {
  let key: string | undefined;
  try {
    key = await dataKey?.readWord();
  } catch (error) {
    const { message } = error as Error;
    return problem(message, adviceFor(message));
  }
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `dataKey ${key}` }) };
  const { status } = await ask(url, { method: 'POST', headers, body: '{"resourceSpans":[]}', signal });
  if (status < 300) return ok('takes spans');
  return problem(`HTTP ${status}`, {
    cause:
      status === 401 || status === 403
        ? 'the data key is not one of this APM domain, or the public one'
        : 'the path is not that of a collector',
    solution:
      'copy the data upload endpoint and the private data key from the page of the APM domain; otlp_url ends in /20200101/opentelemetry/private/v1/traces there',
  });
}
