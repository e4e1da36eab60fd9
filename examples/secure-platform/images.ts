/** Images of your own registry, by tag and digest: some hosts take one of them, some the other. */
export const images = {
  gateway: image('oci-mcp-gateway', '3b8d3c6d4b1f0c2f'),
  logs: image('logs-mcp', '9f1e2d3c4b5a6978'),
  inventory: image('inventory-mcp', '5a6b7c8d9e0f1a2b'),
  costs: image('costs-mcp', '2c4d6e8f0a1b3c5d'),
};

function image(name: string, start: string): string {
  return `fra.ocir.io/acme/${name}:1.4.0@sha256:${start.repeat(4)}`;
}
