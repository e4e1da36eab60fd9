import { startGateway, textOf } from '../../helpers/gateway-instance.js';
import { startHttpServer } from '../../helpers/gateway-servers.js';

test.each(['openapi.json', 'openapi-3.0.json'])(
  'a gateway that serves plain HTTP is a service, by its own %s',
  async (document) => {
    const server = await startHttpServer('s');
    const inner = await startGateway({ rest_api: true, backends: [{ name: 's', url: server.url }] });
    await inner.waitFor('s', 'connected');
    const described = (await (await fetch(`${inner.origin}/api/v1/${document}`)).json()) as {
      servers: { url: string }[];
    };
    const outer = await startGateway({
      backends: [
        {
          ...{ name: 'inner', transport: 'openapi', url: described.servers[0]?.url ?? '', namespace_tools: false },
          document_url: `${inner.origin}/api/v1/${document}`,
        },
      ],
    });
    await outer.waitFor('inner', 'connected');
    const client = await outer.connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('s_echo');
    const echo = tools.find(({ name }) => name === 's_echo');
    expect(echo?.inputSchema).toMatchObject({ properties: { body: { properties: { text: { type: 'string' } } } } });
    const result = await client.callTool({ name: 's_echo', arguments: { body: { text: 'x' } } });
    expect(result).not.toHaveProperty('isError');
    expect(textOf(result)).toContain('s: x');
  },
);
