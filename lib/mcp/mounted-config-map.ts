import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { checkPattern, reportFault } from '../core/validation';

/** A ConfigMap that somebody else keeps, mounted as a folder: its keys are files, which change while the workload runs. */
export interface MountedConfigMap {
  /** Name of the ConfigMap, in the workload's namespace. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** Reports names that no ConfigMap has, and those given twice. */
export function checkConfigMapNames(scope: IConstruct, prop: string, names: readonly string[]): void {
  for (const [i, name] of names.entries()) {
    checkPattern(scope, prop, name, {
      pattern: /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
      allowed: 'names of ConfigMaps: at most 253 lower case letters, digits, hyphens and periods',
    });
    if (Token.isUnresolved(name) || names.indexOf(name) === i) continue;
    reportFault(scope, { prop, got: name, allowed: 'each ConfigMap once' });
  }
}

/** Reports ConfigMaps on a host that has no access to a cluster. @param host What it is: `a Container Instance`. */
export function refuseConfigMaps(scope: IConstruct, host: string, configMaps: readonly MountedConfigMap[] = []): void {
  for (const { name } of configMaps) {
    reportFault(scope, {
      prop: 'backendsConfigMaps',
      got: name,
      allowed: `no ConfigMaps: ${host} has no access to a cluster`,
      fix: 'run the gateway on OKE, or give it the servers as backends',
    });
  }
}
