import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformStack, Token } from 'cdktf';
import type { Construct } from 'constructs';
import { sameReference } from '../core/references';
import { describeFault } from '../core/validation';
import type { IContainerRepository } from './container-repository';

export interface DockerProviderOptions {
  /** The repositories that images are pushed to. */
  readonly repositories: readonly IContainerRepository[];
  /**
   * Docker's configuration file, which holds the credentials of the registries or names a credential helper. `docker login`
   * writes it.
   * @default - the path in DOCKER_CONFIG, or ~/.docker/config.json
   */
  readonly configFile?: string;
  /** Address of the Docker engine: `unix:///var/run/docker.sock`. @default - the one in DOCKER_HOST, or the local one */
  readonly host?: string;
}

/** A Docker provider that pushes with the credentials of whoever runs Terraform, so that none is in the state. */
export function dockerProvider(scope: Construct, id: string, options: DockerProviderOptions): DockerProvider {
  const hosts: string[] = [];
  for (const { registryHost } of options.repositories) {
    if (!hosts.some((host) => sameReference(scope, host, registryHost))) hosts.push(registryHost);
  }
  return new DockerProvider(scope, id, {
    host: options.host,
    registryAuth: hosts.map((address) => ({ address, configFile: options.configFile })),
  });
}

/** Without a provider Terraform fails when it pushes; with a password in it, the password lands in the synthesized stack. */
export function checkDockerProvider(image: Construct): void {
  image.node.addValidation({
    validate: () => {
      const providers = TerraformStack.of(image)
        .allProviders()
        .filter((provider): provider is DockerProvider => provider instanceof DockerProvider);
      const own = providers.filter(({ alias }) => alias === undefined);
      return own.length === 0 ? [missing] : own.filter(holdsPassword).map(() => plainPassword);
    },
  });
}

function holdsPassword({ registryAuthInput }: DockerProvider): boolean {
  const entries = Array.isArray(registryAuthInput) ? registryAuthInput : [];
  return entries.some((entry) =>
    [entry.password, entry.configFileContent].some((text) => text !== undefined && !Token.isUnresolved(text)),
  );
}

const missing = describeFault({
  prop: 'repository',
  got: 'a stack without a Docker provider',
  allowed: 'a stack whose Docker provider can push to the repository',
  fix: "add ContainerImage.dockerProvider(this, 'Docker', { repositories: [repository] })",
});

const plainPassword = describeFault({
  prop: 'repository',
  got: 'a Docker provider with a password in plain text',
  allowed: 'credentials that are not part of the stack',
  fix: 'use ContainerImage.dockerProvider(…), which reads what docker login has written',
});
