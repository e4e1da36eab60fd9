import type { AddressInfo } from 'node:net';
import { createFixture } from './endpoint';

const server = createFixture().listen(0, '127.0.0.1', () => {
  console.log(`fixture listens on http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
});
