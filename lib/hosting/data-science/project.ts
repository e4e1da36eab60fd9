import { DatascienceProject } from '@cdktf/provider-oci/lib/datascience-project';
import { TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { qualifiedNameOf } from '../../core/names';
import { sameReference } from '../../core/references';

/** OCID of the project of a stack in a compartment, made when it is asked for first. */
export function projectIn(scope: Construct, compartmentId: string): string {
  const stack = TerraformStack.of(scope);
  const projects = stack.node.children.filter((child) => child instanceof DatascienceProject);
  const existing = projects.find(({ compartmentIdInput }) =>
    sameReference(stack, compartmentIdInput ?? '', compartmentId),
  );
  if (existing !== undefined) return existing.id;
  const id = projects.length === 0 ? 'DataScienceProject' : `DataScienceProject${projects.length + 1}`;
  const project = new DatascienceProject(stack, id, {
    compartmentId,
    description: `MCP servers of ${stack.node.id}`,
  });
  project.displayName = qualifiedNameOf(project, 255);
  return project.id;
}
