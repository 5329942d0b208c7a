import { MARKDOWN_MARK } from './mark.ts';
import type { Trigger } from './triggers.ts';

const CONDITION_LENGTH = 100;

/** docs/triggers.md. Throws with the name of a trigger's function that has no comment on its purpose. */
export function emitTriggers(triggers: readonly Trigger[], purposes: ReadonlyMap<string, string>): string {
  const silent = [...new Set(triggers.map(({ routine }) => routine))].filter((name) => !purposes.has(name));
  if (silent.length > 0) {
    throw new Error(`docs/triggers.md: no comment in db/routines before ${silent.join(', ')}`);
  }
  const tables = Map.groupBy(triggers, ({ table }) => table);
  return [
    MARKDOWN_MARK,
    '',
    '# Triggers',
    '',
    `All ${triggers.length} triggers of ${tables.size} tables. The last column is the first sentence of the comment of the`,
    'function in `db/routines/`. A long condition ends in "…"; `db/schema.sql` has the full text.',
    '',
    ...[...tables].flatMap(([table, own]) => [
      `## ${table}`,
      '',
      '| trigger | event | when | function | what for |',
      '| --- | --- | --- | --- | --- |',
      ...own.map((trigger) => row(trigger, purposes.get(trigger.routine) ?? '')),
      '',
    ]),
  ].join('\n');
}

function row({ name, event, when, routine, args }: Trigger, purpose: string): string {
  const call = args.length === 0 ? routine : `${routine}(${args.join('; ')})`;
  return `| ${name} | ${event} | ${when === null ? 'always' : code(short(when))} | ${code(call)} | ${cell(purpose)} |`;
}

function short(condition: string): string {
  const text = condition.replaceAll(/::\w+/g, '').replaceAll(/\s+/g, ' ');
  return text.length <= CONDITION_LENGTH ? text : `${text.slice(0, CONDITION_LENGTH)}…`;
}

function code(text: string): string {
  return `\`${cell(text)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

/** Function -> the first sentence of the comment before it, from the text of db/routines. */
export function purposesOf(sources: readonly string[]): Map<string, string> {
  const purposes = new Map<string, string>();
  for (const source of sources) {
    for (const [, comment = '', name = ''] of source.matchAll(
      /((?:^--.*\n)+)CREATE OR REPLACE FUNCTION (\w+)/gm,
    )) {
      const text = comment.replaceAll(/^-- ?/gm, '').replaceAll('\n', ' ').trim();
      const [sentence = text] = /^.*?\.(?= |$)/.exec(text) ?? [];
      purposes.set(name, sentence);
    }
  }
  return purposes;
}
