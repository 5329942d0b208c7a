/** Elements that run, fetch, restyle or lead away. */
const FORBIDDEN =
  'script, style, link, meta, base, iframe, frame, object, embed, form, svg, math, template, audio, video';

/** The attributes that are left: none of them fetches or runs anything. */
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
 * The HTML of a message with everything taken out that would run or be fetched: for a sandboxed frame, which
 * stops such things as well, but not without complaint in the console. Anyone can send anything here.
 */
export function harmlessHtml(html: string): string {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  for (const element of parsed.querySelectorAll(FORBIDDEN)) element.remove();
  for (const element of parsed.querySelectorAll('*')) {
    for (const { name } of [...element.attributes]) {
      if (!ALLOWED.has(name)) element.removeAttribute(name);
    }
  }
  // Attributes instead of a style, which the policy of the page does not allow in here either.
  return `<!doctype html><body bgcolor="#ffffff" text="#1d2226"><font face="system-ui, sans-serif">${parsed.body.innerHTML}</font>`;
}
