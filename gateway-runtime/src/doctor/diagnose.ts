import { withoutCredentials } from '../config/faults.js';
import type { Host } from '../contracts/host.js';
import { ConfigError } from '../errors.js';
import { type LoadedConfig, loadConfig } from '../loading/config-loader.js';
import { examineGateway, type GatewayTarget } from './gateway/gateway.js';
import type { DoctorPlan } from './plan.js';
import { Redactor } from './redactor.js';
import { type Report, reportOf } from './report.js';
import { expectationsOf } from './set-up/auth.js';
import { unusable } from './set-up/configuration.js';
import { localGateway } from './set-up/listening.js';
import { examineSetUp } from './set-up/set-up.js';
import type { Subject } from './subject.js';

/** What the doctor takes from its surroundings. */
export interface DoctorDependencies {
  readonly host: Host;
  /** Version of this program, which servers are told. */
  readonly version: string;
}

/** What was found, and whether there is a configuration that cannot be used. */
export interface Diagnosis {
  readonly report: Report;
  readonly isConfigurationUnusable: boolean;
}

/** Looks at a live set-up: at a running gateway as clients see it, and at what its configuration names. Changes nothing. */
export async function diagnose(plan: DoctorPlan, { host, version }: DoctorDependencies): Promise<Diagnosis> {
  const { url, flags, timeoutMs } = plan;
  const redactor = new Redactor();
  redactor.add(plan.token);
  if (url) redactor.addUrl(url.href);
  const loaded = flags && load(flags, host);
  const config = loaded && 'config' in loaded ? loaded.config : undefined;
  redactor.addConfiguration(config, host.env);
  const clientInfo = { name: 'oci-mcp-gateway-doctor', version };
  const target = (place: Pick<GatewayTarget, 'url' | 'publicUrl'>): GatewayTarget => ({
    ...plan,
    ...place,
    ...(config && { expectations: expectationsOf(config.auth) }),
    host,
    logger: silence,
    clientInfo,
  });
  const running = async (): Promise<Subject[]> => {
    if (url) return examineGateway(target({ url }));
    // Over stdio a gateway listens nowhere.
    if (!config || flags?.stdio) return [];
    const { subject, place } = await localGateway(config, timeoutMs);
    return [...(subject ? [subject] : []), ...(place ? await examineGateway(target(place)) : [])];
  };
  const setUp = async (): Promise<Subject[]> => {
    if (!loaded) return [];
    return 'config' in loaded
      ? examineSetUp(loaded, { host, redactor, clientInfo, timeoutMs })
      : [unusable(loaded.faults, timeoutMs)];
  };
  const subjects = (await Promise.all([setUp(), running()])).flat();
  const shown = { url: url ? withoutCredentials(url.href) : null, configuration: flags !== undefined };
  return {
    report: reportOf(shown, subjects, redactor),
    isConfigurationUnusable: loaded !== undefined && !config,
  };
}

const silence = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function load(flags: NonNullable<DoctorPlan['flags']>, { env }: Host): LoadedConfig | ConfigError {
  try {
    return loadConfig(flags, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
}
