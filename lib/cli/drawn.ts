import { mermaidOf } from '../report/mermaid';
import { type Picture, pictureOf } from '../report/picture';
import { PlatformReport } from '../report/platform-report';
import { svgOf } from '../report/svg';
import { SynthesizedFolder } from './synthesized-folder';

/** The picture of an output folder, in a language and as data. */
export function drawn(
  directory: string,
  format: 'svg' | 'mermaid',
): { readonly picture: string; readonly boxesAndLines: Picture } {
  const document = PlatformReport.of(new SynthesizedFolder(directory).app);
  const picture = format === 'svg' ? svgOf(document) : `${mermaidOf(document)}\n`;
  return { picture, boxesAndLines: pictureOf(document) };
}
