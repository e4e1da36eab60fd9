import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Image } from '@cdktf/provider-docker/lib/image';
import { RegistryImage } from '@cdktf/provider-docker/lib/registry-image';
import { AssetType, TerraformAsset, Token } from 'cdktf';
import { Construct } from 'constructs';
import { checkImage } from '../core/image-reference';
import { isSecretFile } from '../core/secret-file';
import { refuseSecrets } from '../core/secret-literal';
import { reportFault } from '../core/validation';
import type { Grant } from '../iam/grant';
import type { IGrantable } from '../iam/principal';
import { type IContainerImage, type ImageRepository, permitPulling } from '../mcp/container-image';
import { type ContextFile, hashOf, readFolder, stage } from './build-context';
import type { IContainerRepository } from './container-repository';
import { checkDockerProvider } from './docker-provider';
import type { ImageTemplate } from './image-template';

/** What an image runs on. A Container Instance or node of Ampere A1 or A2 is arm64, others are amd64. */
export type ImagePlatform = 'linux/amd64' | 'linux/arm64';

export interface DirectoryImageProps {
  /** Folder of the server, on the machine that synthesizes. A relative path starts at the working directory. */
  readonly directory: string;
  /** The repository to push to. */
  readonly repository: IContainerRepository;
  /** A Dockerfile for the kind of server in the folder. @default - the folder has a Dockerfile of its own */
  readonly template?: ImageTemplate;
  /**
   * What the template starts: a module for `python -m`, a file for `node`.
   * @default - "server" in Python, "server.js" in Node
   */
  readonly entryPoint?: string;
  /** Image the template builds on, by digest for preference: `python:3.13-slim@sha256:…`. @default - the template's, by tag */
  readonly baseImage?: string;
  /** Hosted applications take amd64 only. @default "linux/amd64" */
  readonly platform?: ImagePlatform;
  /** Build arguments, known at synth. They can be read in the image, so nothing in them may be secret. @default - none of its own */
  readonly buildArgs?: { readonly [name: string]: string };
}

/**
 * An image that Terraform builds from a folder and pushes when it is applied. Its tag is a hash of all that it is made of, so
 * a change makes a new image and no change makes none; what runs is named by digest.
 */
export class DirectoryImage extends Construct implements IContainerImage {
  public readonly imageUri: string;
  /** The same image by its tag, for hosts that take no digest. */
  public readonly taggedUri: string;
  public readonly repository: ImageRepository;

  public constructor(scope: Construct, id: string, props: DirectoryImageProps) {
    super(scope, id);
    refuseSecrets(this, props);
    const { repository, platform = 'linux/amd64' } = props;
    this.repository = repository;
    const files = this.read(props);
    const buildArgs = { ...this.templateArgs(props), ...props.buildArgs };
    checkBuildArgs(this, buildArgs);
    const hash = hashOf(files, { platform, buildArgs });
    const context = new TerraformAsset(this, 'Context', {
      path: stage(files),
      type: AssetType.DIRECTORY,
      assetHash: hash,
    });
    const image = new Image(this, 'Image', {
      name: `${repository.repositoryUri}:${hash}`,
      // Other machines may use it, and layers it shares with the next image make that one quick to build.
      keepLocally: true,
      buildAttribute: { context: context.path, dockerfile: 'Dockerfile', platform, buildArgs },
    });
    const pushed = new RegistryImage(this, 'Pushed', {
      name: image.name,
      // What runs may be started again from the image before this one. Deleting the repository deletes all.
      keepRemotely: true,
    });
    this.node.defaultChild = image;
    this.taggedUri = pushed.name;
    this.imageUri = `${repository.repositoryUri}@${pushed.sha256Digest}`;
    checkDockerProvider(this);
  }

  /** Lets `grantee` pull from the repository. Hostings that pull with their own identity do that themselves. */
  public grantPull(grantee: IGrantable): Grant {
    return permitPulling(grantee, this.repository);
  }

  private read({ directory, template }: DirectoryImageProps): ContextFile[] {
    const folder = resolve(directory);
    if (!existsSync(folder) || !statSync(folder).isDirectory()) {
      reportFault(this, {
        prop: 'directory',
        got: directory,
        allowed: 'a folder that exists where the app is synthesized',
      });
      return [];
    }
    const { files, links } = readFolder(folder, ['Dockerfile']);
    for (const path of links) {
      reportFault(this, {
        prop: 'directory',
        got: `${path}, which is a link or a device`,
        allowed: 'files and folders',
        fix: 'copy what it links to, or name it in .dockerignore',
      });
    }
    for (const { path } of files.filter((file) => isSecretFile(file.path))) {
      reportFault(this, {
        prop: 'directory',
        got: `${path}, which by its name holds a secret`,
        allowed: 'files that everyone may read who may pull the image',
        fix: 'name it in .dockerignore, and pass secrets by secretEnvironment or secretDirectories',
      });
    }
    const hasDockerfile = files.some(({ path }) => path === 'Dockerfile');
    if (hasDockerfile === (template !== undefined)) {
      reportFault(this, {
        prop: 'template',
        got: hasDockerfile
          ? 'a template, and a Dockerfile in the folder'
          : 'no template, and no Dockerfile in the folder',
        allowed: 'one of the two',
        fix: hasDockerfile ? 'remove template, or delete the Dockerfile' : 'pass template, or write a Dockerfile',
      });
    }
    for (const missing of template?.missingIn(files) ?? []) {
      reportFault(this, {
        prop: 'directory',
        got: `a folder without ${missing}`,
        allowed: 'a folder that says which packages the server needs',
      });
    }
    return [...files, ...(template?.filesBeside(files) ?? [])];
  }

  private templateArgs({ template, entryPoint, baseImage }: DirectoryImageProps): { [name: string]: string } {
    const base = baseImage ?? template?.baseImage;
    if (base !== undefined) checkImage(this, 'baseImage', base);
    const args: { [name: string]: string } = {};
    for (const [prop, value] of Object.entries({ entryPoint, baseImage })) {
      const name = template?.buildArgs[prop as 'entryPoint' | 'baseImage'];
      if (value !== undefined && name !== undefined) args[name] = value;
      if (value === undefined || name !== undefined) continue;
      reportFault(this, {
        prop,
        got: value,
        allowed: template ? 'what this template lets one choose' : 'a choice that belongs to a template',
        fix: `remove ${prop}`,
      });
    }
    return args;
  }
}

function checkBuildArgs(scope: Construct, buildArgs: { readonly [name: string]: string }): void {
  for (const [name, value] of Object.entries(buildArgs)) {
    if (Token.isUnresolved(value)) {
      reportFault(scope, {
        prop: 'buildArgs',
        got: `${name}, which is a reference`,
        allowed: 'text known at synth: the tag is a hash of it',
      });
    } else if (/passw|secret|token|credential|private_?key/i.test(name)) {
      reportFault(scope, {
        prop: 'buildArgs',
        got: `${name}, which by its name is a secret`,
        allowed: 'what everyone may read who may pull the image',
        fix: 'pass secrets to the server by secretEnvironment',
      });
    }
  }
}
