/** What a terminal is for this program; a test gives its own. */
export interface TerminalStreams {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly env: { readonly [name: string]: string | undefined };
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** A way to emphasize text. */
export type Style = keyof typeof codes;

/** Milliseconds after which what is under way is told, and how often that is brought up to date. */
const patienceMs = 1000;
const tickMs = 500;

/**
 * Where the command line writes: results to the standard output, everything else to the standard error. Colours and progress are
 * for people, so they are left out where the stream is no terminal.
 * @see https://no-color.org
 */
export class Terminal {
  /** Whether results are one JSON document. */
  public json = false;

  public constructor(private readonly streams: TerminalStreams) {}

  /** Writes a line of a result. */
  public print(line = ''): void {
    this.streams.out.write(`${line}\n`);
  }

  /** Writes a result as JSON. */
  public printJson(result: unknown): void {
    this.print(JSON.stringify(result, null, 2));
  }

  /** Writes a line that is no result. */
  public note(line = ''): void {
    this.streams.err.write(`${line}\n`);
  }

  /** Text of a result, emphasized on a terminal. */
  public styled(style: Style, text: string): string {
    return this.hasColours(this.streams.out) ? inStyle(style, text) : text;
  }

  /** Text of a note, emphasized on a terminal. */
  public styledNote(style: Style, text: string): string {
    return this.hasColours(this.streams.err) ? inStyle(style, text) : text;
  }

  /** Does some work; on a terminal, says what is under way as soon as that takes over a second. */
  public async progress<T>(title: string, work: () => Promise<T>): Promise<T> {
    const { err } = this.streams;
    if (!err.isTTY || this.json) return work();
    const started = Date.now();
    const show = () => err.write(`\r${title} … ${((Date.now() - started) / 1000).toFixed(0)} s `);
    let ticker: NodeJS.Timeout | undefined;
    const first = setTimeout(() => {
      show();
      ticker = setInterval(show, tickMs);
    }, patienceMs);
    try {
      return await work();
    } finally {
      clearTimeout(first);
      clearInterval(ticker);
      // Takes the line back.
      if (ticker !== undefined) err.write('\r\u001b[2K');
    }
  }

  private hasColours({ isTTY }: TerminalStreams['out']): boolean {
    const { NO_COLOR, TERM } = this.streams.env;
    return isTTY === true && !NO_COLOR && TERM !== 'dumb';
  }
}

function inStyle(style: Style, text: string): string {
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
