import type { IncomingMessage, ServerResponse } from 'node:http';
import { Refusal, sendText } from './refusal.js';

/** The path that a request asks for, without its query. */
export function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** @throws {Refusal} 405 for whoever wants more than to look */
export function checkIsGet({ method }: IncomingMessage): void {
  if (method === 'GET' || method === 'HEAD') return;
  throw new Refusal(405, `${method} is not supported here`, { allow: 'GET, HEAD' });
}

/** Sends what is different each time somebody looks. */
export function sendCurrent(response: ServerResponse, status: number, contentType: string, body: string): void {
  sendText(response, status, contentType, body, { 'cache-control': 'no-store' });
}
