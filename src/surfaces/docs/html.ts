import { escapeHtml } from '../plain_page.ts';

/** Text of ours as HTML: escaped, with `code` in backticks as code. */
export function prose(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

export function code(text: string): string {
  return `<code>${breakable(text)}</code>`;
}

/** A long path or name may break after its marks, so that it fits a narrow screen. */
export function breakable(text: string): string {
  return escapeHtml(text).replace(/([/_.])(?=[^/_.])/g, '$1<wbr>');
}
