import type { GenerativeAiHostedDeploymentActiveArtifact } from '@cdktf/provider-oci/lib/generative-ai-hosted-deployment';
import { Fn, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { reportFault } from '../../core/validation';
import { type McpServerSource, requireImage } from '../../mcp/mcp-server-source';

/** A repository and a tag, in the words of Go, JavaScript and Terraform alike. A digest behind them says no more here. */
const taggedImage = '^((?:[^@]*/)?[^:@/]+):([^:@/]+)(?:@.*)?$';

/**
 * The image as a hosted deployment takes it: a repository, and a tag apart from it.
 * @see https://docs.oracle.com/en-us/iaas/tools/terraform-provider-oci/latest/docs/r/generative_ai_hosted_deployment.html
 */
export function dockerArtifact(scope: Construct, source: McpServerSource): GenerativeAiHostedDeploymentActiveArtifact {
  if (source.kind !== 'image') {
    requireImage(scope, 'a hosted application', source);
    return {};
  }
  if (source.command !== undefined || source.args !== undefined) {
    reportFault(scope, {
      prop: 'source',
      got: 'a command or arguments for the image',
      allowed: "the image's own entry point: a hosted application takes no other",
      fix: 'set what differs by environment, or build an image from this one',
    });
  }
  const image = source.taggedImage ?? source.image;
  if (Token.isUnresolved(image)) {
    const parts = Token.asList(Fn.regex(taggedImage, image));
    return { containerUri: Fn.element(parts, 0), tag: Fn.element(parts, 1) };
  }
  const [, containerUri, tag] = new RegExp(taggedImage).exec(image) ?? [];
  if (containerUri === undefined) {
    reportFault(scope, {
      prop: 'source',
      got: image,
      allowed: 'an image with a tag, such as "fra.ocir.io/acme/logs-mcp:1.4.2": a hosted application takes no digest',
      fix: 'push it under a tag that is never moved',
    });
  }
  return { containerUri, tag };
}
