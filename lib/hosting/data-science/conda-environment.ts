import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { checkPattern, reportFault } from '../../core/validation';

/**
 * The conda environment in which a model deployment loads `score.py`. It holds every package of the server, `mcp` included:
 * nothing is installed when the deployment starts.
 * @see https://docs.oracle.com/en-us/iaas/data-science/using/model_runtime_yaml.htm
 */
export interface CondaEnvironment {
  /** Where it is in Object Storage: `oci://<bucket>@<namespace>/<path>`. Its last part is the slug. */
  readonly path: string;
  /** Its Python: `3.12`. */
  readonly pythonVersion: string;
  /** OCID of the compartment that holds the bucket of a published environment. @default - that of the deployment */
  readonly compartmentId?: string;
}

/** The bucket of the environments that the service itself keeps. */
const serviceBucket = 'service-conda-packs';

/** The bucket of an environment that somebody has published; undefined for one of the service's own. */
export function publishedBucketOf({ path }: CondaEnvironment): string | undefined {
  const bucket = /^oci:\/\/([^@/]+)@/.exec(path)?.[1];
  return bucket === serviceBucket ? undefined : bucket;
}

/** `runtime.yaml`, which tells the service the environment. Values are JSON strings, which YAML reads as they are. */
export function runtimeYaml(environment: CondaEnvironment): string {
  const type = publishedBucketOf(environment) === undefined ? 'data_science' : 'published';
  const slug = environment.path.replace(/\/+$/, '').split('/').at(-1);
  return [
    'MODEL_ARTIFACT_VERSION: "3.0"',
    'MODEL_DEPLOYMENT:',
    '  INFERENCE_CONDA_ENV:',
    `    INFERENCE_ENV_PATH: ${JSON.stringify(environment.path)}`,
    `    INFERENCE_ENV_SLUG: ${JSON.stringify(slug)}`,
    `    INFERENCE_ENV_TYPE: ${JSON.stringify(type)}`,
    `    INFERENCE_PYTHON_VERSION: ${JSON.stringify(environment.pythonVersion)}`,
    '',
  ].join('\n');
}

/** Reports what the service could not read, and references: `runtime.yaml` is written at synth. */
export function checkCondaEnvironment(scope: IConstruct, environment: CondaEnvironment): void {
  for (const prop of ['path', 'pythonVersion'] as const) {
    if (!Token.isUnresolved(environment[prop])) continue;
    reportFault(scope, {
      prop: `condaEnvironment.${prop}`,
      got: 'a Terraform reference',
      allowed: 'text known at synth, which stands in the artifact',
    });
  }
  checkPattern(scope, 'condaEnvironment.path', environment.path, {
    pattern: /^oci:\/\/[\w.-]+@[\w-]+\/.*[^/]/,
    allowed: 'a path in Object Storage such as "oci://conda@acme/mcp/1.0/mcp_p312_cpu_x86_64_v1"',
  });
  checkPattern(scope, 'condaEnvironment.pythonVersion', environment.pythonVersion, {
    pattern: /^3\.1\d+$/,
    allowed: 'a version such as "3.12", at least the 3.10 that the mcp package needs',
  });
}
