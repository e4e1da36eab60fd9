import { GenerativeAiHostedApplicationStorage } from '@cdktf/provider-oci/lib/generative-ai-hosted-application-storage';
import type { Construct } from 'constructs';
import { nameOf } from '../../core/names';
import { reportFault } from '../../core/validation';

/** What a managed storage is: Redis, PostgreSQL, or an Autonomous Database. */
export type ManagedStorageType = 'CACHE' | 'POSTGRESQL' | 'ADB';

/** Storage which the service manages, made here or existing. */
export type HostedApplicationStorage = {
  /** Environment variable that tells the container how to connect: `REDIS_URL`. */
  readonly variable: string;
} & (
  | {
      /** What to make. */
      readonly type: ManagedStorageType;
    }
  | {
      /** OCID of a storage that exists already. */
      readonly storageId: string;
    }
);

/**
 * How many storages an application may have.
 * @see https://docs.oracle.com/en-us/iaas/tools/java/latest/com/oracle/bmc/generativeai/model/HostedApplicationStorage.html
 */
const storagesMax = 2;

/** The storages of an application, those that do not exist yet made below `scope`. */
export function storageConfigs(
  scope: Construct,
  compartmentId: string,
  storages: readonly HostedApplicationStorage[],
): { readonly environmentVariableKey: string; readonly storageId: string }[] {
  if (storages.length > storagesMax) {
    reportFault(scope, { prop: 'storages', got: storages.length, allowed: `at most ${storagesMax} storages` });
  }
  return storages.map((storage, i) => ({
    environmentVariableKey: storage.variable,
    storageId: 'storageId' in storage ? storage.storageId : makeStorage(scope, i, compartmentId, storage.type),
  }));
}

function makeStorage(scope: Construct, index: number, compartmentId: string, type: ManagedStorageType): string {
  return new GenerativeAiHostedApplicationStorage(scope, `Storage${index + 1}`, {
    compartmentId,
    displayName: `${nameOf(scope, 240)}-${type.toLowerCase()}`,
    storageType: type,
  }).id;
}
