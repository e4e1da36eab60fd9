/**
 * Resource types and families that servers and gateways commonly need. OCI knows several hundred more.
 * @see https://docs.oracle.com/en-us/iaas/Content/Identity/policyreference/policyreference_topic-Resource-Types.htm
 */
const common = `
  alarms all-resources api-gateway-family apm-domains app-catalog-listing autonomous-database-family autonomous-databases
  buckets cluster-family clusters cluster-workload-mappings compute-container-family compute-container-instances
  compute-containers container-instances data-science-family data-science-model-deployments data-science-models
  database-family database-tools-connections database-tools-family database-tools-mcp-servers
  database-tools-mcp-servers-invocation database-tools-runtime-work-requests dns dynamic-groups file-family fn-app
  fn-function fn-invocation functions-family generative-ai-family generative-ai-hosted-application instance-family
  instances key-delegate key-family keys load-balancers log-content log-groups logging-family metrics network-load-balancers
  network-security-groups object-family objects objectstorage-namespaces ons-family ons-topics policies redis-clusters
  repos secret-bundles secret-family secret-versions secrets stream-family streams subnets tag-namespaces
  unified-configuration vaults vcns virtual-network-family vnics volume-family vss-family waf-family
`
  .trim()
  .split(/\s+/);

/** How many letters of a name may be wrong for it to be taken for another one. */
const slips = 2;

/** The resource type that was most likely meant. @returns undefined for a type that is known, and for one like no other */
export function likelyResourceType(type: string): string | undefined {
  if (common.includes(type)) return undefined;
  return common
    .map((known) => ({ known, distance: distanceOf(type, known) }))
    .filter(({ known, distance }) => distance <= Math.min(slips, known.length / 4))
    .sort((a, b) => a.distance - b.distance)[0]?.known;
}

/** How many letters have to be added, left out or changed to make one word of the other. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
