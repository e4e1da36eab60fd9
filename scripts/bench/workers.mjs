// What a second process of the gateway brings: answers per second of one and of two. They get batches of calls for a tool that
// nobody has: all is done for them that is done for others, and neither a server nor the load takes much of the processors.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Load } from './load.mjs';

/** The only version with batches. */
const version = '2025-03-26';
const connections = 32;
/** As many as the gateway takes. */
const inBatch = 50;

const params = { name: 'nobody_has_this', arguments: { text: 'some text' } };
const batch = JSON.stringify(
  Array.from({ length: inBatch }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params })),
);

/** @param gateways By how many processes they are. @returns for each its answers per second (the median), and wrong ones */
export async function measureWorkers(gateways, { rounds, seconds }) {
  const found = gateways.map(({ workers }) => ({ workers, rounds: [], wrong: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (const [index, { gateway }] of gateways.entries()) {
      const { perSecond, wrong } = await ask(gateway, round === 0 ? 0.5 : seconds);
      // The first one is for the compiler.
      if (round > 0) found[index].rounds.push(perSecond);
      found[index].wrong += wrong;
    }
  }
  const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
  return found.map(({ workers, rounds: all, wrong }) => ({ workers, perSecond: median(all), wrong }));
}

async function ask({ urls, token }, seconds) {
  const load = new Load(urls.json, connections, token);
  const session = await load.begin(version);
  const { text } = await load.post(batch, session);
  await load.close();
  const isRefusal = ({ id, error }, index) => id === index && error.message.includes('nobody_has_this');
  if (!JSON.parse(text).every(isRefusal)) throw new Error(`a call for no tool was answered with ${text.slice(0, 200)}`);
  const expected = Buffer.from(text);
  const clients = await Promise.all(
    Array.from({ length: connections }, () => RawClient.connect(urls.json, { ...load.headers, ...session }, batch)),
  );
  let answers = 0;
  let wrong = 0;
  const began = performance.now();
  const end = began + seconds * 1000;
  const askAgain = async (client) => {
    while (performance.now() < end) {
      const isRight = (await client.ask()).equals(expected);
      answers += inBatch;
      if (!isRight) wrong += inBatch;
    }
  };
  await Promise.all(clients.map(askAgain));
  const perSecond = answers / ((performance.now() - began) / 1000);
  for (const client of clients) client.close();
  return { perSecond, wrong };
}

/** Sends the same request over and over, as the bytes that it is: what the load takes of the processors is missing to the workers. */
class RawClient {
  #socket;
  #request;
  #answer = Buffer.alloc(0);
  #settle;

  static async connect(url, headers, body) {
    const { hostname, port, host, pathname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.setNoDelay();
    await once(socket, 'connect');
    const all = { host, ...headers, 'content-length': Buffer.byteLength(body) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    return new RawClient(socket, Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`));
  }

  constructor(socket, request) {
    this.#socket = socket;
    this.#request = request;
    socket.on('data', (chunk) => this.#take(chunk));
    socket.once('error', (error) => this.#settle?.reject(error));
  }

  /** @returns the body of the answer; empty when it was refused */
  ask() {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(this.#request);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#answer = this.#answer.length === 0 ? chunk : Buffer.concat([this.#answer, chunk]);
    const end = this.#answer.indexOf('\r\n\r\n') + 4;
    if (end < 4) return;
    const head = this.#answer.latin1Slice(0, end);
    const length = Number(/\ncontent-length: (\d+)/i.exec(head)?.[1]);
    if (this.#answer.length < end + length) return;
    const body = this.#answer.subarray(end);
    this.#answer = Buffer.alloc(0);
    this.#settle.resolve(head.startsWith('HTTP/1.1 200 ') ? body : Buffer.alloc(0));
  }
}
