import { PolicyField, type Shipped } from './policy_field.tsx';
import type { Chosen, Document } from './policy_form.ts';
import { valueAt } from './policy_form.ts';
import { PolicyMatrix } from './policy_matrix.tsx';
import { reasonWords, SECTIONS, type Section } from './policy_words.ts';

type Item = Shipped & { is_group: boolean };

type PolicySectionsProps = {
  shipped: readonly Item[];
  document: Document;
  chosen: Chosen;
  /** By path. */
  faults: ReadonlyMap<string, string>;
  may_change: boolean;
  onChange(path: string, value: unknown): void;
};

/** All values by section; values without a section come last. */
export function PolicySections(props: PolicySectionsProps) {
  const known = SECTIONS.flatMap(({ paths }) => paths);
  const others = props.shipped.filter(({ path }) => !known.some((one) => isWithin(path, one)));
  const sections: readonly Section[] = [
    ...SECTIONS,
    ...(others.length === 0 ? [] : [{ title: 'Other', paths: others.map(({ path }) => path) }]),
  ];
  return sections.map((section) => <PolicySection key={section.title} section={section} {...props} />);
}

function PolicySection({ section, ...props }: PolicySectionsProps & { section: Section }) {
  const { shipped, document, chosen, faults, may_change, onChange } = props;
  const items = shipped.filter(({ path }) => section.paths.some((one) => isWithin(path, one)));
  const intro = items.find(({ path, is_group }) => is_group && path === section.paths[0])?.reason;
  const words = section.intro ?? (intro ? reasonWords(intro) : undefined);
  const fields = items.filter(({ path, is_group }) => !is_group && !path.startsWith('conflict_matrix.'));
  return (
    <section className="policy_section">
      <h2>{section.title}</h2>
      {words === undefined ? null : <p className="muted">{words}</p>}
      {section.paths.includes('conflict_matrix') ? <PolicyMatrix {...props} /> : null}
      <div className="policy_fields">
        {fields.map((one) => (
          <PolicyField
            key={one.path}
            shipped={isRepeated(one, fields) ? { ...one, reason: null } : one}
            value={valueAt(document, one.path)}
            is_changed={chosen.has(one.path)}
            fault={faultOf(faults, one.path)}
            may_change={may_change}
            onChange={(value) => onChange(one.path, value)}
          />
        ))}
      </div>
    </section>
  );
}

/** A reason shared by consecutive values appears at the first one only. */
function isRepeated(one: Shipped, fields: readonly Shipped[]): boolean {
  const before = fields[fields.indexOf(one) - 1];
  return one.reason !== null && before?.reason === one.reason;
}

/** An error within a list belongs to the list. */
function faultOf(faults: ReadonlyMap<string, string>, path: string): string | undefined {
  for (const [at, message] of faults) if (isWithin(at, path)) return message;
  return undefined;
}

function isWithin(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}
