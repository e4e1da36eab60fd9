import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from 'cdktf';
import type { IConstruct } from 'constructs';
import { SynthesizedApp } from '../core/synthesized-app';
import { clientEntries } from './clients';
import { Components } from './components';
import { edgeEntries } from './edges';
import { markdownOf } from './markdown';
import { pathEntries } from './network-paths';
import { dynamicGroupEntries, secretEntries, statementEntries, suppressionEntries } from './permissions';
import { documentVersion, type PlatformDocument } from './platform-document';

/** What a platform consists of, for people who review it and for programs. */
export const PlatformReport = {
  /**
   * Has every synthesizing of the app write `mcp-platform.json` and `mcp-platform.md` into its output folder, once all stacks
   * are written. An app that skips validation writes none.
   *
   * @example
   * PlatformReport.write(app);
   * app.synth();
   */
  write(app: App): void {
    app.node.addValidation({
      validate: () => {
        const document = PlatformReport.of(app);
        writeFileSync(join(app.outdir, 'mcp-platform.json'), `${JSON.stringify(document, null, 2)}\n`);
        writeFileSync(join(app.outdir, 'mcp-platform.md'), markdownOf(document));
        return [];
      },
    });
  },

  /**
   * The document itself, for a test or a check of one's own. Ask for it when everything is made.
   * @param root The app, or any construct in it.
   *
   * @example
   * expect(PlatformReport.of(app).edges.filter((edge) => edge.public)).toEqual([]);
   */
  of(root: IConstruct): PlatformDocument {
    const app = SynthesizedApp.of(root);
    const components = new Components(app);
    return {
      version: documentVersion,
      servers: components.serverEntries(),
      gateways: components.gatewayEntries(),
      edges: edgeEntries(app),
      clients: clientEntries(app),
      calls: components.callEntries(),
      paths: pathEntries(app),
      statements: statementEntries(app),
      dynamicGroups: dynamicGroupEntries(app),
      secrets: secretEntries(app),
      suppressions: suppressionEntries(app),
    };
  },
};
