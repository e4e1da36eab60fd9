import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import type { ReplayBudget } from './replay-budget.js';
import { ResumableStream } from './resumable-stream.js';

/** Streams of one session that ended and can still be fetched; the oldest is forgotten for a new one. */
const mostEnded = 100;

/** What an event id names: a stream for news or for an answer of a backend, and a place in it. */
const eventId = /^((news|answer)-[\w-]{8}(?:@[\w.-]{1,64})?)\.(\d{1,15})$/;

/** What begins a stream. */
export interface StreamBeginning {
  /** Whether it answers a call; otherwise it is for news. */
  readonly isAnswer: boolean;
  /** Name of the backend that answers. @default - none, or several do */
  readonly backend?: string;
  readonly response: ServerResponse;
  /** Milliseconds between comments that keep proxies from closing a quiet stream. */
  readonly keepAliveMs: number;
  /** The client went away. @default - nobody is told */
  onDetached?(stream: ResumableStream): void;
  /** The client did not come back. @default - nobody is told */
  onAbandoned?(): void;
}

/** Where a client left off. */
export interface StreamPlace {
  readonly isAnswer: boolean;
  /** `undefined` when the stream is not known here, or no more. */
  readonly stream: ResumableStream | undefined;
  readonly sequence: number;
}

/**
 * The streams of one session, which can be resumed here and nowhere else.
 * https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#resumability-and-redelivery
 */
export class ResumableStreams {
  readonly #budget: ReplayBudget;
  /** Whether the client can resume a stream on which it has been told nothing yet. */
  readonly isPrimed: boolean;
  /** Made with the first one: most sessions never have any. */
  #streams: Map<string, ResumableStream> | undefined;

  /** @param isPrimed Whether the client understands an event without a message. */
  constructor(budget: ReplayBudget, isPrimed: boolean) {
    this.#budget = budget;
    this.isPrimed = isPrimed;
  }

  begin({ isAnswer, backend, response, keepAliveMs, onDetached, onAbandoned }: StreamBeginning): ResumableStream {
    // Other replicas may have streams of the same session.
    const unique = `${isAnswer ? 'answer' : 'news'}-${randomBytes(6).toString('base64url')}`;
    const id = backend === undefined ? unique : `${unique}@${backend}`;
    const stream: ResumableStream = new ResumableStream({
      id,
      isAnswer,
      keepAliveMs,
      isPrimed: this.isPrimed,
      budget: this.#budget,
      onDetached: () => onDetached?.(stream),
      onAbandoned: () => onAbandoned?.(),
      onForgotten: () => this.#streams?.delete(id),
    });
    this.#streams ??= new Map();
    this.#streams.set(id, stream);
    this.#forgetEnded();
    stream.attach(response);
    return stream;
  }

  /** What an id of an event names; `undefined` for one that is not the gateway's. */
  find(lastEventId: string): StreamPlace | undefined {
    const [, id, kind, sequence] = eventId.exec(lastEventId) ?? [];
    if (id === undefined) return undefined;
    return { isAnswer: kind === 'answer', stream: this.#streams?.get(id), sequence: Number(sequence) };
  }

  close(): void {
    for (const stream of [...(this.#streams?.values() ?? [])]) stream.forget();
  }

  #forgetEnded(): void {
    const ended = [...(this.#streams?.values() ?? [])].filter(({ hasEnded }) => hasEnded);
    for (const stream of ended.slice(0, Math.max(0, ended.length - mostEnded))) stream.forget();
  }
}
