import type { Catalog } from './catalog.ts';

/** A trigger as `pg_get_triggerdef` writes it. */
export type Trigger = {
  table: string;
  name: string;
  /** For example `before update of status`. */
  event: string;
  /** The condition of WHEN; null where the trigger always fires. */
  when: string | null;
  routine: string;
  args: string[];
};

export function triggersOf(catalog: Catalog): Trigger[] {
  return catalog.tables.flatMap(({ triggers }) => triggers.map(parseTrigger));
}

function parseTrigger(text: string): Trigger {
  const shape =
    /^CREATE (?:CONSTRAINT )?TRIGGER (?<name>\w+) (?<event>.+?) ON (?:public\.)?(?<table>\w+) (?<rest>.*)EXECUTE FUNCTION (?:public\.)?(?<routine>\w+)\((?<args>.*)\)$/s;
  const parts = shape.exec(text)?.groups;
  if (parts === undefined) throw new Error(`unreadable trigger: ${text}`);
  const { name = '', event = '', table = '', rest = '', routine = '', args = '' } = parts;
  const when = /WHEN \((.*)\) $/s.exec(rest)?.[1] ?? null;
  return {
    table,
    name,
    event: event.replaceAll(/[A-Z]+/g, (word) => word.toLowerCase()),
    when,
    routine,
    args: [...args.matchAll(/'([^']*)'/g)].map(([, arg = '']) => arg),
  };
}
