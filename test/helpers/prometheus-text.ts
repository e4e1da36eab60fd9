/** One series of a page of metrics. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A page of metrics as a scraper reads it. */
export interface MetricsText {
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
  /** The value of the one series with this name and these labels. @throws unless there is exactly one */
  valueOf(name: string, labels?: Record<string, string>): number;
}

const nameForm = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/gy;
const number = /^([+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?|[+-]?Inf|NaN)$/i;

/** What a name may end in besides that of its family. */
const endings: Record<string, string[]> = { histogram: ['_bucket', '_sum', '_count'], counter: ['_total', ''] };

/**
 * Reads the text format of Prometheus, or OpenMetrics, and accepts nothing else.
 * https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseMetrics(text: string, isOpenMetrics = false): MetricsText {
  if (!text.endsWith(isOpenMetrics ? '\n# EOF\n' : '\n')) throw new Error('the page does not end as it should');
  const types = new Map<string, string>();
  const series: Series[] = [];
  let family = '';
  for (const line of text.split('\n')) {
    const comment = new RegExp(`^# (HELP|TYPE) (${nameForm}) (.+)$`).exec(line);
    if (comment) {
      const [, kind, name = '', rest = ''] = comment;
      if (kind === 'HELP') family = name;
      else if (name !== family || types.has(name)) throw new Error(`the type of ${name} is not where it belongs`);
      else types.set(name, rest);
    } else if (line !== '' && line !== '# EOF') {
      const one = parseSeries(line);
      const ends = endings[types.get(family) ?? ''] ?? [''];
      if (!ends.some((end) => one.name === family + end)) throw new Error(`${line} is no part of ${family}`);
      series.push(one);
    }
  }
  const keys = series.map(({ name, labels }) => name + JSON.stringify(Object.entries(labels).sort()));
  if (new Set(keys).size !== keys.length) throw new Error('a series is there twice');
  return { types, series, valueOf: (name, labels = {}) => oneValue(series, name, labels) };
}

function parseSeries(line: string): Series {
  const match = new RegExp(`^(${nameForm})(?:\\{(.*)\\})? (\\S+)$`).exec(line);
  const [, name = '', inside = '', value = ''] = match ?? [];
  if (!match || !number.test(value)) throw new Error(`not a series: ${line}`);
  const labels: Record<string, string> = {};
  let end = 0;
  for (const { 0: whole, 1: key = '', 2: text = '', index } of inside.matchAll(label)) {
    labels[key] = text.replace(/\\(["\\n])/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
    end = index + whole.length;
  }
  if (end !== inside.length) throw new Error(`labels that cannot be read: ${line}`);
  return { name, labels, value: Number(value.replace(/Inf$/, 'Infinity')) };
}

function oneValue(series: readonly Series[], name: string, labels: Record<string, string>): number {
  const found = series.filter(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} series ${name} ${JSON.stringify(labels)}`);
  return (found[0] as Series).value;
}
