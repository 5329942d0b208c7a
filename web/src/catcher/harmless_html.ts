/** Elements that run code, fetch, restyle, or navigate away. */
const FORBIDDEN =
  'script, style, link, meta, base, iframe, frame, object, embed, form, svg, math, template, audio, video';

/** The attributes that stay: none of them fetches or runs anything. */
const ALLOWED = new Set([
  'href',
  'alt',
  'title',
  'dir',
  'lang',
  'align',
  'colspan',
  'rowspan',
  'color',
  'size',
]);

/**
 * HTML of a message without anything that would run or be fetched, for a sandboxed frame. The frame blocks such things too,
 * but reports errors in the console. Anyone can send anything here.
 */
export function harmlessHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  for (const element of parsed.querySelectorAll(FORBIDDEN)) element.remove();
  for (const element of parsed.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (!ALLOWED.has(name)) element.removeAttribute(name);
    }
  }
  // Attributes instead of a style, which the page’s policy also forbids here.
  return `<!doctype html><body bgcolor="#ffffff" text="#1d2226"><font face="system-ui, sans-serif">${parsed.body.innerHTML}</font>`;
}
