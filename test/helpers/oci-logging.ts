import type { KeyObject } from 'node:crypto';
import { type Listening, listen } from './gateway-servers.js';
import { verifySignature } from './oci-signature.js';

/** The service of OCI Logging that takes log entries of whoever signs correctly. */
export interface TestLogging extends Listening {
  /** The records of every entry that was taken, in order. */
  readonly records: Record<string, unknown>[];
  /** The ids of these entries. */
  readonly ids: string[];
  /** What was wrong with requests. */
  readonly faults: string[];
  /** How many requests came. */
  readonly asked: number;
  /** The status that it answers. */
  answer: number;
}

interface Entry {
  readonly id: string;
  readonly time: string;
  readonly data: string;
}

/** The body of a request. https://docs.oracle.com/en-us/iaas/api/#/en/logging-dataplane/20200831/datatypes/PutLogsDetails */
interface PutLogsDetails {
  readonly specversion: string;
  readonly logEntryBatches: readonly {
    readonly source: string;
    readonly type: string;
    readonly defaultlogentrytime: string;
    readonly entries: readonly Entry[];
  }[];
}

const isTime = (text: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text);

function* faultsOf({ specversion, logEntryBatches }: PutLogsDetails): Generator<string> {
  if (specversion !== '1.0') yield `specversion ${specversion}`;
  for (const { source, type, defaultlogentrytime, entries } of logEntryBatches) {
    if (!source || !type || !isTime(defaultlogentrytime) || entries.length === 0) yield 'an incomplete batch';
    for (const { id, time, data } of entries) {
      if (!/^[0-9a-f-]{36}$/.test(id) || !isTime(time) || data.length > 1_000_000) yield `entry ${id} of ${time}`;
    }
  }
}

export async function startLogging(
  logId: string,
  publicKeyOf: (keyId: string) => KeyObject | string | undefined,
): Promise<TestLogging> {
  const listening = await listen(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    state.asked++;
    const { method = '', url = '', headers } = request;
    const say = (status: number) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ code: 'SomethingWrong', message: 's3cret' }));
    try {
      verifySignature({ method, target: url, headers, body }, publicKeyOf);
    } catch (error) {
      state.faults.push((error as Error).message);
      return void say(401);
    }
    if (state.answer !== 200) return void say(state.answer);
    const details = JSON.parse(body) as PutLogsDetails;
    if (`${method} ${url}` !== `POST /20200831/logs/${logId}/actions/push`) state.faults.push(`${method} ${url}`);
    state.faults.push(...faultsOf(details));
    const entries = details.logEntryBatches.flatMap((batch) => batch.entries);
    state.records.push(...entries.map(({ data }) => JSON.parse(data)));
    state.ids.push(...entries.map(({ id }) => id));
    response.writeHead(200).end();
  });
  const state = {
    ...listening,
    asked: 0,
    answer: 200,
    records: [] as TestLogging['records'],
    ids: [] as string[],
    faults: [] as string[],
  };
  return state;
}
