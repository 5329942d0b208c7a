import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';

const WEB = new URL('../web/src/', import.meta.url).pathname;
const FUNCTION = /^(?:export )?function (\w+)\([\s\S]*?^\}$/gm;
const IMPORT = /import \{([^}]*)\} from '(\.[^']*\.tsx)'/g;

type Source = { functions: Map<string, string>; imports: Map<string, string> };

/** A form within a form is not submitted: React nests the elements, and the outer form takes the event. */
describe('forms of the pages', () => {
  it('are never rendered inside another form, not even by a dialog', () => {
    expect(nestedForms(read())).toEqual([]);
  });

  it('are found through components of other files', () => {
    const outer = source('function Outer() {\n  return <form><Ask /></form>;\n}\n', [['Ask', 'ask.tsx']]);
    const ask = source(
      'function Ask() {\n  return <Inner />;\n}\nfunction Inner() {\n  return <form />;\n}\n',
    );
    const sources = new Map([
      ['outer.tsx', outer],
      ['ask.tsx', ask],
    ]);
    expect(nestedForms(sources)).toEqual(['outer.tsx: Outer renders Ask inside its form']);
  });
});

function nestedForms(sources: Map<string, Source>): string[] {
  const found: string[] = [];
  for (const [file, { functions }] of sources) {
    for (const [name, body] of functions) {
      for (const [form] of body.matchAll(/<form\b[\s\S]*?<\/form>/g)) {
        if (form.lastIndexOf('<form') > 0) found.push(`${file}: ${name} nests forms`);
        for (const child of partsOf(form))
          if (rendersForm(sources, file, child))
            found.push(`${file}: ${name} renders ${child} inside its form`);
      }
    }
  }
  return found;
}

function rendersForm(
  sources: Map<string, Source>,
  file: string,
  name: string,
  seen = new Set<string>(),
): boolean {
  const home = sources.get(file)?.functions.has(name) ? file : sources.get(file)?.imports.get(name);
  const body = home === undefined ? undefined : sources.get(home)?.functions.get(name);
  if (home === undefined || body === undefined || seen.has(`${home} ${name}`)) return false;
  seen.add(`${home} ${name}`);
  return body.includes('<form') || partsOf(body).some((part) => rendersForm(sources, home, part, seen));
}

function partsOf(text: string): string[] {
  return [...new Set([...text.matchAll(/<([A-Z]\w*)/g)].map(([, name]) => name!))];
}

function source(text: string, imported: [string, string][] = []): Source {
  const functions = new Map([...text.matchAll(FUNCTION)].map(([body, name]) => [name!, body] as const));
  return { functions, imports: new Map(imported) };
}

function read(): Map<string, Source> {
  const files = readdirSync(WEB, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.tsx'),
  );
  return new Map(
    files.map((file) => {
      const text = readFileSync(join(WEB, file), 'utf8');
      const imported = [...text.matchAll(IMPORT)].flatMap(([, names, path]) =>
        names!.split(',').map((name): [string, string] => [name.trim(), join(dirname(file), path!)]),
      );
      return [file, source(text, imported)] as const;
    }),
  );
}
