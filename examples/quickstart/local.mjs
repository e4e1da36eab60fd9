// What stands in for the stack's images, addresses and secrets when its gateway runs on this machine (npm start).
import { fileURLToPath } from 'node:url';

const server = (name) => fileURLToPath(new URL(`servers/${name}`, import.meta.url));

/** Files that the stdio server's command names inside the gateway's image, and where they are here. */
export const imageFiles = { '/opt/servers/ocid.js': server('ocid.ts') };

/** The server which answers in place of every address that exists only after a deployment, and of the external endpoint. */
export const httpServer = server('planner.ts');

/** One call for each backend, by the backend's own name of the tool. */
export const sampleCalls = {
  ocid: { tool: 'parse_ocid', arguments: { ocid: 'ocid1.instance.oc1.eu-frankfurt-1.abtheljrexample' } },
  planner: { tool: 'split_cidr', arguments: { cidr: '10.0.0.0/16', count: 4 } },
  archive: { tool: 'check_overlap', arguments: { cidrs: ['10.0.0.0/16', '10.0.128.0/20', '192.168.0.0/24'] } },
  docs: { tool: 'split_cidr', arguments: { cidr: '172.16.0.0/20', count: 2 } },
};
