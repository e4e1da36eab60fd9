import { isObject, type JsonObject } from '../contracts/json-rpc.js';

/** Gives the URI by which clients know a resource. */
type Outward = (uri: string) => string;

/** The same result of tools/call, prompts/get or resources/read with the URIs by which clients know its resources. */
export function withUris(result: unknown, outward: Outward): unknown {
  if (!isObject(result)) return result;
  const { content, contents, messages } = result;
  return {
    ...result,
    ...(Array.isArray(content) && { content: content.map((block) => ofBlock(block, outward)) }),
    ...(Array.isArray(contents) && { contents: contents.map((resource) => ofResource(resource, outward)) }),
    ...(Array.isArray(messages) && { messages: messages.map((message) => ofMessage(message, outward)) }),
  };
}

function ofMessage(message: unknown, outward: Outward): unknown {
  return isObject(message) ? { ...message, content: ofBlock(message.content, outward) } : message;
}

function ofBlock(block: unknown, outward: Outward): unknown {
  if (!isObject(block)) return block;
  if (block.type === 'resource_link') return ofResource(block, outward);
  return block.type === 'resource' ? { ...block, resource: ofResource(block.resource, outward) } : block;
}

function ofResource(resource: unknown, outward: Outward): unknown {
  if (!isObject(resource) || typeof resource.uri !== 'string') return resource;
  return { ...resource, uri: outward(resource.uri) } satisfies JsonObject;
}
