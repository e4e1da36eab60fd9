/** An MCP server over stdio: what an Oracle Cloud identifier says about the resource behind it. */
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { z } from 'zod';

const syntax = 'ocid1.<resource type>.<realm>.[region][.future use].<unique id>';

const server = new McpServer({ name: 'ocid', version: '1.0.0' });

server.registerTool(
  'parse_ocid',
  {
    title: 'Parse an OCID',
    description: 'Splits an Oracle Cloud identifier into resource type, realm, region and unique id.',
    inputSchema: { ocid: z.string().describe('for example ocid1.instance.oc1.phx.abuw4…') },
    annotations: { readOnlyHint: true },
  },
  ({ ocid }) => {
    const [version, resourceType, realm, region, ...rest] = ocid.trim().split('.');
    const uniqueId = rest.at(-1);
    if (version !== 'ocid1' || !resourceType || !realm || !uniqueId) {
      return { isError: true, content: [{ type: 'text', text: `"${ocid}" is not an OCID; expected ${syntax}` }] };
    }
    const parts = { resourceType, realm, region: region || null, uniqueId };
    return { content: [{ type: 'text', text: JSON.stringify(parts) }] };
  },
);

server.registerTool(
  'matching_rule',
  {
    title: 'Write a matching rule',
    description: 'The rule of a dynamic group that matches one resource, or all of its type in a compartment.',
    inputSchema: {
      resourceType: z.string().describe("the second part of the resource's OCID, for example computecontainerinstance"),
      compartmentId: z.string().optional().describe('OCID of a compartment, to match every resource of the type in it'),
      resourceId: z.string().optional().describe('OCID of the one resource to match'),
    },
    annotations: { readOnlyHint: true },
  },
  ({ resourceType, compartmentId, resourceId }) => {
    const narrowing = resourceId
      ? `resource.id = '${resourceId}'`
      : compartmentId && `resource.compartment.id = '${compartmentId}'`;
    if (!narrowing) {
      return {
        isError: true,
        content: [{ type: 'text', text: 'pass compartmentId or resourceId: a type alone matches the tenancy' }],
      };
    }
    return { content: [{ type: 'text', text: `ALL {resource.type = '${resourceType}', ${narrowing}}` }] };
  },
);

server.registerResource(
  'syntax',
  'oci://identity/ocid-syntax',
  { title: 'OCID syntax', mimeType: 'text/plain' },
  (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/plain', text: syntax }] }),
);

server.registerPrompt('explain_ocid', { title: 'Explain an OCID', argsSchema: { ocid: z.string() } }, ({ ocid }) => ({
  messages: [
    {
      role: 'user',
      content: {
        type: 'text',
        text: `Parse ${ocid} with the parse_ocid tool and say what kind of resource it names and where it lives.`,
      },
    },
  ],
}));

await server.connect(new StdioServerTransport());
