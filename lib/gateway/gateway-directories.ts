import type { BackendInput, GatewayConfigInput } from 'oci-mcp-gateway/config';
import { inboundAuthDirectory } from '../mcp/inbound-auth';
import type { ConfigDirectory, SecretDirectory } from '../mcp/mcp-workload';
import type { MountedConfigMap } from '../mcp/mounted-config-map';
import { literalConfig } from './gateway-config';
import type { McpGatewayProps } from './gateway-props';

const configDirectory = '/etc/mcp/config';
const backendsDirectory = '/etc/mcp/backends.d';

/** What the gateway reads when it starts. */
export interface GatewayFiles {
  settings(): Omit<GatewayConfigInput, 'backends'>;
  backends(): readonly BackendInput[];
  /** Where further backends are. */
  readonly configMaps: readonly MountedConfigMap[];
}

/** Where the gateway finds backends that others keep in ConfigMaps. */
export function mountedBackends(names: readonly string[] = []): MountedConfigMap[] {
  return names.map((name, i) => ({ name, path: `/etc/mcp/backends-${i}.d` }));
}

/** The folders of the gateway's configuration: its own file, and one for each backend. */
export function configDirectories({ settings, backends, configMaps }: GatewayFiles): ConfigDirectory[] {
  return [
    {
      name: 'config',
      path: configDirectory,
      environment: { MCP_GATEWAY_CONFIG: `${configDirectory}/gateway.json` },
      variable: 'MCP_GATEWAY_CONFIG_FILES',
      files: () => ({ 'gateway.json': literalConfig(settings()) }),
    },
    {
      name: 'backends',
      path: backendsDirectory,
      environment: {
        MCP_GATEWAY_BACKENDS_DIR: [backendsDirectory, ...configMaps.map(({ path }) => path)].join(':'),
      },
      variable: 'MCP_GATEWAY_BACKENDS_FILES',
      files: () => Object.fromEntries(backends().map((config) => [`${config.name}.json`, literalConfig(config)])),
    },
  ];
}

/** The folders that were asked for, and one for what the gateway checks its clients with. */
export function secretDirectoriesOf({
  image,
  inboundAuth,
  secretDirectories = [],
}: McpGatewayProps): SecretDirectory[] {
  const { vaultFiles } = inboundAuth;
  if (vaultFiles === undefined) return [...secretDirectories];
  const fetcherImage = typeof image === 'string' ? image : image.imageUri;
  return [...secretDirectories, { path: inboundAuthDirectory, files: { vaultSecrets: vaultFiles, fetcherImage } }];
}
