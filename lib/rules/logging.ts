import { blocksAt, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import type { Rule } from './rule';

/** Services that write logs once somebody asks for them. */
const services: { readonly [type: string]: string } = {
  oci_apigateway_deployment: 'apigateway',
  oci_functions_application: 'functions',
  oci_load_balancer_load_balancer: 'loadbalancer',
};

/** Without logs nobody can tell afterwards who called what. */
export const logging: Rule = {
  id: 'MCP008',
  title: 'No logging',
  why: 'Nobody can tell afterwards who called, or why a call failed.',
  fix: 'pass monitoring, or logGroupId where the host takes one, or make an oci_logging_log whose source is the resource',
  check: ({ app }) => [
    ...app
      .resources(...Object.keys(services))
      .filter((block) => !logsOf(app).has(block))
      .map(({ construct, type }) => ({
        construct,
        found: `no log of the service ${services[type]} has it as its source`,
      })),
    ...app
      .resources('oci_datascience_model_deployment')
      .filter(({ arguments: deployment }) => blocksAt(deployment, 'category_log_details').length === 0)
      .map(({ construct }) => ({ construct, found: 'a model deployment without category_log_details' })),
  ],
};

/** What has a log that is switched on. */
function logsOf(app: SynthesizedApp): ReadonlySet<SynthesizedBlock> {
  const logs = app.resources('oci_logging_log').filter((log) => log.arguments['is_enabled'] !== false);
  const sources = logs.flatMap((log) => {
    const source = textAt(log.arguments, 'configuration', 'source', 'resource');
    return app.referencesOf(log.stack, source);
  });
  return new Set(sources);
}
