import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider';
import { OciProvider } from '@cdktf/provider-oci/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { McpRules, type McpRulesOptions } from 'cdktf-oci-mcp';
import { faultsOf, synth } from './synth';

/** What the rules find in a stack, one line for each finding: `[stack/Logs/Deployment] MCP004 Mutable image tag: image …`. */
export function findingsOf(build: (stack: TerraformStack) => void, options?: McpRulesOptions): string[] {
  return faultsOf((stack) => {
    build(stack);
    McpRules.enforce(stack, options);
  }).map((line) => line.replace(/; fix: .*/, ''));
}

/** Synthesizes a stack in which the rules find nothing. */
export function expectNoFindings(build: (stack: TerraformStack) => void, options?: McpRulesOptions): void {
  synth((stack) => {
    build(stack);
    McpRules.enforce(stack, options);
  });
}

/** What the rules find in an app of two stacks, each line behind the path of its construct. */
export function findingsOfApp(build: (one: TerraformStack, two: TerraformStack) => void): string[] {
  const outdir = mkdtempSync(join(tmpdir(), 'rules-'));
  try {
    const app = new App({ outdir });
    const [one, two] = [makeStack(app, 'one'), makeStack(app, 'two')];
    build(one, two);
    McpRules.enforce(app);
    app.synth();
    return [];
  } catch (error) {
    const lines = (error as Error).message.split('\n').filter((line) => line.includes('] '));
    return lines.map((line) => line.trim().replace(/; fix: .*/, ''));
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

function makeStack(app: App, id: string): TerraformStack {
  const stack = new TerraformStack(app, id);
  new OciProvider(stack, 'Oci', { region: 'eu-frankfurt-1' });
  new KubernetesProvider(stack, 'Kubernetes', { configPath: 'kubeconfig' });
  return stack;
}
