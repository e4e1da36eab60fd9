import type { MetricsPage } from '../contracts/meters.js';
import type { PrometheusMetrics, PrometheusSources } from './prometheus.js';

/** The page of metrics that scrapers read. What makes it is loaded when the first of them comes. */
export class PrometheusPage {
  readonly #sources: PrometheusSources;
  readonly #formats = new Map<boolean, Promise<PrometheusMetrics>>();

  constructor(sources: PrometheusSources) {
    this.#sources = sources;
  }

  /** @param accept The Accept header of who asks. */
  async render(accept = ''): Promise<MetricsPage> {
    const isOpenMetrics = accept.includes('application/openmetrics-text');
    const metrics = this.#formats.get(isOpenMetrics) ?? this.#load(isOpenMetrics);
    this.#formats.set(isOpenMetrics, metrics);
    return (await metrics).render();
  }

  async #load(isOpenMetrics: boolean): Promise<PrometheusMetrics> {
    const { PrometheusMetrics } = await import('./prometheus.js');
    return new PrometheusMetrics(isOpenMetrics, this.#sources);
  }
}
