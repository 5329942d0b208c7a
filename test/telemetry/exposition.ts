/** One sample of a page in the Prometheus text format. */
type Sample = { name: string; labels: Record<string, string>; value: number };
export type Family = { help: string; type: string; samples: Sample[] };

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** Parses a page strictly: throws on any line outside the format, and on samples without a family. */
export function readExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, Family>();
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const about = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line);
    if (about !== null) {
      const [, what, name = '', words = ''] = about;
      const family = families.get(name) ?? { help: '', type: '', samples: [] };
      families.set(name, what === 'HELP' ? { ...family, help: words } : { ...family, type: words });
      continue;
    }
    const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`no line of the format: ${line}`);
    const family = families.get(name) ?? families.get(name.replace(/_(bucket|sum|count)$/, ''));
    if (family === undefined || family.type === '') throw new Error(`a sample of no family: ${line}`);
    family.samples.push({ name, labels: readLabels(labels), value: readNumber(value) });
  }
  return families;
}

function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < text.length) {
    const match = LABEL.exec(text);
    if (match === null) throw new Error(`no labels: ${text}`);
    labels[match[1]!] = match[2]!;
  }
  return labels;
}

function readNumber(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  // Go's ParseFloat, which ignores case, reads it.
  if (/^nan$/i.test(text)) return Number.NaN;
  if (!Number.isNaN(Number(text))) return Number(text);
  throw new Error(`no number: ${text}`);
}
