/** Text that is HTML already and is not escaped again. @internal */
export class Markup {
  constructor(readonly text: string) {}
}

/**
 * Template tag for HTML: every value is escaped, except other markup.
 *
 * @internal
 */
export function html(
  strings: TemplateStringsArray,
  ...values: (string | number | Markup | Markup[])[]
): Markup {
  return new Markup(
    strings.reduce(
      (text, string, index) => text + render(values[index - 1]) + string,
    ),
  );
}

/** A whole page, in the reader's light or dark colours. @internal */
export function page(title: string, body: Markup): string {
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title}</title>
        <link rel="stylesheet" href="/assets/style.css" />
      </head>
      <body>
        <main>${body}</main>
      </body>
    </html>`.text;
}

/** The one stylesheet of the pages. @internal */
export const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: Canvas; color: CanvasText; }
main { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; }
pre { overflow-x: auto; padding: 1rem; border: 1px solid GrayText; border-radius: 4px; }
.files { list-style: none; padding: 0; }
.note { color: GrayText; }
`;

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function render(value: string | number | Markup | Markup[]): string {
  if (Array.isArray(value)) {
    return value.map(render).join('');
  }
  return value instanceof Markup
    ? value.text
    : String(value).replace(/[&<>"']/g, character => ESCAPES[character]);
}
