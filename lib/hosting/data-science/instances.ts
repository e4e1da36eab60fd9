import { Token } from 'cdktf';
import type { IConstruct } from 'constructs';
import { checkInteger, checkNumber, checkPattern, reportFault } from '../../core/validation';

/** Scaling by CPU load, one instance at a time. */
export interface ModelDeploymentAutoscaling {
  /** Fewest instances, at least 1. */
  readonly minInstances: number;
  /** Most instances, at least `minInstances`. */
  readonly maxInstances: number;
  /** CPU load above which an instance is added, in percent, 1 to 100. @default 70 */
  readonly scaleOutCpuPercent?: number;
  /** CPU load below which one is removed, in percent, below `scaleOutCpuPercent`. @default 30 */
  readonly scaleInCpuPercent?: number;
  /** Seconds between two changes, at least 300. @default 600 */
  readonly coolDownSeconds?: number;
}

/** What a model deployment runs on. */
export interface ModelDeploymentInstances {
  /**
   * Shape of each instance. A reference is taken for a flexible one where `ocpus` or `memoryGib` is given.
   * @default "VM.Standard.E4.Flex"
   */
  readonly shape?: string;
  /** OCPUs of each instance of a flexible shape, 1 to 64. @default 1 */
  readonly ocpus?: number;
  /** Memory of each instance of a flexible shape in GiB, 6 to 1024. @default 8 */
  readonly memoryGib?: number;
  /** Fixed number of instances, at least 1. @default 1, or what `autoscaling` decides */
  readonly instances?: number;
  /** Scaling between two numbers of instances, in place of `instances`. @default - a fixed number */
  readonly autoscaling?: ModelDeploymentAutoscaling;
}

/** The shape of the instances. A shape that is not flexible takes no numbers. */
export function shapeOf({ shape = 'VM.Standard.E4.Flex', ocpus, memoryGib }: ModelDeploymentInstances) {
  const isSized = Token.isUnresolved(shape) ? ocpus !== undefined || memoryGib !== undefined : isFlexible(shape);
  const details = { ocpus: ocpus ?? 1, memoryInGbs: memoryGib ?? 8 };
  return {
    instanceShapeName: shape,
    modelDeploymentInstanceShapeConfigDetails: isSized ? details : undefined,
  };
}

/** How many instances there are. */
export function scalingPolicyOf({ instances = 1, autoscaling }: ModelDeploymentInstances) {
  if (autoscaling === undefined) return { policyType: 'FIXED_SIZE', instanceCount: instances };
  const { minInstances, maxInstances, scaleOutCpuPercent = 70, scaleInCpuPercent = 30 } = autoscaling;
  const step = (threshold: number) => ({
    scalingConfigurationType: 'THRESHOLD',
    threshold,
    instanceCountAdjustment: 1,
  });
  return {
    policyType: 'AUTOSCALING',
    isEnabled: true,
    coolDownInSeconds: autoscaling.coolDownSeconds ?? 600,
    autoScalingPolicies: [
      {
        autoScalingPolicyType: 'THRESHOLD',
        initialInstanceCount: minInstances,
        minimumInstanceCount: minInstances,
        maximumInstanceCount: maxInstances,
        rules: [
          {
            metricExpressionRuleType: 'PREDEFINED_EXPRESSION',
            metricType: 'CPU_UTILIZATION',
            scaleOutConfiguration: step(scaleOutCpuPercent),
            scaleInConfiguration: step(scaleInCpuPercent),
          },
        ],
      },
    ],
  };
}

/**
 * Reports numbers of instances, and sizes, that the service does not take.
 * @see https://docs.oracle.com/en-us/iaas/tools/terraform-provider-oci/latest/docs/r/datascience_model_deployment.html
 */
export function checkInstances(scope: IConstruct, props: ModelDeploymentInstances): void {
  const { shape, ocpus, memoryGib, autoscaling } = props;
  checkPattern(scope, 'shape', shape, {
    pattern: /^(VM|BM)\.[\w.-]+$/,
    allowed: 'a shape such as "VM.Standard.E4.Flex"',
  });
  checkInteger(scope, 'ocpus', ocpus, { min: 1, max: 64 });
  checkNumber(scope, 'memoryGib', memoryGib, { min: 6, max: 1024 });
  const isFixed = shape !== undefined && !Token.isUnresolved(shape) && !isFlexible(shape);
  if (isFixed && (ocpus !== undefined || memoryGib !== undefined)) {
    reportFault(scope, {
      prop: 'ocpus',
      got: { ocpus, memoryGib },
      allowed: `neither ocpus nor memoryGib with ${shape}, whose size is fixed`,
    });
  }
  checkInteger(scope, 'instances', props.instances, { min: 1 });
  if (autoscaling === undefined) return;
  if (props.instances !== undefined) {
    reportFault(scope, { prop: 'instances', got: props.instances, allowed: 'either instances or autoscaling' });
  }
  const { minInstances, scaleOutCpuPercent = 70 } = autoscaling;
  checkInteger(scope, 'autoscaling.minInstances', minInstances, { min: 1 });
  checkInteger(scope, 'autoscaling.maxInstances', autoscaling.maxInstances, { min: Math.max(minInstances, 1) });
  checkInteger(scope, 'autoscaling.scaleOutCpuPercent', scaleOutCpuPercent, { min: 1, max: 100 });
  checkInteger(scope, 'autoscaling.scaleInCpuPercent', autoscaling.scaleInCpuPercent, {
    min: 1,
    max: Token.isUnresolved(scaleOutCpuPercent) ? 99 : scaleOutCpuPercent - 1,
  });
  checkInteger(scope, 'autoscaling.coolDownSeconds', autoscaling.coolDownSeconds, { min: 300 });
}

function isFlexible(shape: string): boolean {
  return shape.endsWith('.Flex');
}
