import { ask } from '../http.js';
import { isReachable } from '../reach/reach.js';
import { adviceFor } from '../reasons.js';
import { Subject } from '../subject.js';
import { ok, problem, type Verdict } from '../verdict.js';

/** The key that a collector asks for. */
interface DataKey {
  readWord(): Promise<string>;
}

/** Where the gateway tells of itself over OTLP. */
export interface Collector {
  /** The member of the configuration. */
  readonly name: 'traces' | 'otlp_metrics';
  /** The whole address. */
  readonly url: string;
  /** Absent where none is asked for. */
  readonly dataKey: DataKey | undefined;
}

/** What collectors take: nothing of something. */
const nothingOf = {
  traces: { check: 'traces', body: '{"resourceSpans":[]}', ending: 'traces', what: 'spans' },
  otlp_metrics: { check: 'otlp-metrics', body: '{"resourceMetrics":[]}', ending: 'metrics', what: 'metrics' },
} as const;

/** Looks at where spans or metrics are sent. */
export async function examineCollector(collector: Collector, timeoutMs: number): Promise<Subject> {
  const { name, url } = collector;
  const subject = new Subject(name, timeoutMs);
  if (await isReachable(subject, new URL(url))) {
    await subject.check(nothingOf[name].check, (signal) => takesNothing(collector, signal));
  }
  return subject;
}

async function takesNothing({ name, url, dataKey }: Collector, signal: AbortSignal): Promise<Verdict> {
  const { body, ending, what } = nothingOf[name];
  let key: string | undefined;
  try {
    key = await dataKey?.readWord();
  } catch (error) {
    const { message } = error as Error;
    return problem(message, adviceFor(message));
  }
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `dataKey ${key}` }) };
  const { status } = await ask(url, { method: 'POST', headers, body, signal });
  if (status < 300) return ok(`takes ${what}`);
  return problem(`HTTP ${status}`, {
    cause:
      status === 401 || status === 403
        ? 'the data key is not one of this APM domain, or the public one'
        : 'the path is not that of a collector',
    solution: `copy the data upload endpoint and the private data key from the page of the APM domain; otlp_url ends in /20200101/opentelemetry/private/v1/${ending} there`,
  });
}
