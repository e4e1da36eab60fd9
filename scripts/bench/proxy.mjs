// The floor: a reverse proxy that hands every byte on and looks at none. usage: node proxy.mjs ORIGIN
import { createServer } from 'node:http';
import { Pool } from 'undici';

const pool = new Pool(process.argv[2], { connections: 256 });

/** Headers of one connection only. */
const ofConnection = ['connection', 'keep-alive', 'transfer-encoding', 'host'];

function withoutThose(headers) {
  for (const name of ofConnection) delete headers[name];
  return headers;
}

const server = createServer((request, response) => {
  const { method, url: path, headers } = request;
  const options = { method, path, headers: withoutThose(headers), body: request };
  const begin = ({ statusCode, headers: answered }) => response.writeHead(statusCode, withoutThose(answered));
  pool.stream(options, begin).catch(() => response.destroy());
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
