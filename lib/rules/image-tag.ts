import { registryHostOf } from '../core/registry-host';
import { blocksAt, literalOf, type SynthesizedApp, type SynthesizedBlock, textAt } from '../core/synthesized-app';
import { podsOf } from './pods';
import type { Rule } from './rule';

/** An image that something runs. */
interface RunImage {
  readonly block: SynthesizedBlock;
  readonly image?: string;
  /** Digest that stands beside the image. */
  readonly digest?: string;
}

const withoutDigest =
  'take the image from a ContainerRepository of this app, whose images are immutable: a hosted application takes no digest';

/** Containers run what their image's tag meant when they started, which may be something else at the next start. */
export const imageTag: Rule = {
  id: 'MCP004',
  title: 'Mutable image tag',
  why: 'A tag can be moved: the next restart may run other content than the one that was reviewed.',
  fix: 'name the image by digest, "…@sha256:…", or by a tag in a repository whose images are immutable',
  check: ({ app }) =>
    runImages(app)
      .filter((run) => isMutable(app, run))
      .map(({ block, image }) => ({
        construct: block.construct,
        found: `image ${image}`,
        fix: block.type === 'oci_generative_ai_hosted_deployment' ? withoutDigest : undefined,
      })),
};

function runImages(app: SynthesizedApp): RunImage[] {
  const inPods = podsOf(app).flatMap(({ block, containers }) =>
    containers.map((container) => ({ block, image: textAt(container, 'image') })),
  );
  const inInstances = app
    .resources('oci_container_instances_container_instance')
    .flatMap((block) =>
      blocksAt(block.arguments, 'containers').map((container) => ({ block, image: textAt(container, 'image_url') })),
    );
  const functions = app.resources('oci_functions_function').map((block) => ({
    block,
    image: textAt(block.arguments, 'image'),
    digest: textAt(block.arguments, 'image_digest'),
  }));
  const deployments = app.resources('oci_datascience_model_deployment').flatMap((block) =>
    blocksAt(block.arguments, 'model_deployment_configuration_details', 'environment_configuration_details').map(
      (environment) => ({
        block,
        image: textAt(environment, 'image'),
        digest: textAt(environment, 'image_digest'),
      }),
    ),
  );
  return [...inPods, ...inInstances, ...functions, ...deployments, ...hostedImages(app)];
}

/** A hosted application takes no digest, only an image and a tag. */
function hostedImages(app: SynthesizedApp): RunImage[] {
  return app.resources('oci_generative_ai_hosted_deployment').flatMap((block) =>
    blocksAt(block.arguments, 'active_artifact').map((artifact) => {
      const [uri, tag] = [textAt(artifact, 'container_uri'), textAt(artifact, 'tag')];
      return { block, image: uri && tag && `${uri}:${tag}` };
    }),
  );
}

/** What only Terraform knows passes, unless a tag is written after it. */
function isMutable(app: SynthesizedApp, { block, image, digest }: RunImage): boolean {
  if (image === undefined || digest !== undefined) return false;
  const known = literalOf(image);
  if (known.includes('@') || /(^|:)…$/.test(known)) return false;
  return !isInImmutableRepository(app, block, image);
}

function isInImmutableRepository(app: SynthesizedApp, block: SynthesizedBlock, image: string): boolean {
  const [name = ''] = /[^/]*\/[^/]*\/(.*?)(?=[:@][^/]*$|$)/.exec(image)?.slice(1) ?? [];
  const referred = app.referencesOf(block.stack, image);
  // Another registry may have a repository of the same name.
  const isOfOci = registryHostOf(image) !== undefined || literalOf(image).startsWith('…');
  return app
    .resources('oci_artifacts_container_repository')
    .filter(({ arguments: repository }) => repository['is_immutable'] === true)
    .some(
      (repository) =>
        referred.includes(repository) || (isOfOci && textAt(repository.arguments, 'display_name') === name),
    );
}
