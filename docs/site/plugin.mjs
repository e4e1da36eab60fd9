import { Converter, PageEvent } from 'typedoc';

/** Pages are called what their first heading says; and what links to a folder of the repository is text, since no page is there. */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_, document) => {
    const [first] = document.content;
    const [heading, title] = /^# (.+)\n+/.exec(first?.text ?? '') ?? [];
    if (heading === undefined) return;
    document.name = title;
    first.text = first.text.slice(heading.length);
  });
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = page.contents?.replace(/<a href="[^"]*\bmedia\/[\w-]+"[^>]*>(.*?)<\/a>/g, '$1');
  });
}
