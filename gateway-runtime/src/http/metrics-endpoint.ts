import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Logger } from '../contracts/host.js';
import type { RenderMetrics } from '../contracts/meters.js';
import { checkIsGet, pathOf, sendCurrent } from './get.js';
import { Refusal, sendFailure } from './refusal.js';

/** Where metrics are read. */
export const metricsPath = '/metrics';

/** Answers a scraper. @throws {Refusal} 405 */
export async function sendMetrics(
  request: IncomingMessage,
  response: ServerResponse,
  render: RenderMetrics,
): Promise<void> {
  checkIsGet(request);
  const { contentType, body } = await render(request.headers.accept);
  sendCurrent(response, 200, contentType, body);
}

/** Answers scrapers on a port of their own, who are not asked who they are. */
export function createMetricsListener(render: RenderMetrics | undefined, logger: Logger): RequestListener {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (pathOf(request) !== metricsPath || !render) throw new Refusal(404, `metrics are at ${metricsPath}`);
    await sendMetrics(request, response, render);
  };
  return (request, response) => {
    answer(request, response).catch((error) => sendFailure(response, error, logger));
  };
}
