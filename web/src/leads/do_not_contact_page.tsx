import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { cache } from '../api/cache.ts';
import { api, read } from '../api/client.ts';
import { usePages } from '../api/pages.ts';
import type { Suppression } from '../api/schema.d.ts';
import { useMe } from '../sessions/me.ts';
import { mayImport, mayKeepRecords, mayWork } from '../sessions/roles.ts';
import { announce } from '../ui/announce.tsx';
import { Choice } from '../ui/choice.tsx';
import { Empty } from '../ui/empty.tsx';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { More } from '../ui/more.tsx';
import { ReasonDialog } from '../ui/reason_dialog.tsx';
import { Time } from '../ui/time.tsx';
import { useTitle } from '../ui/title.ts';
import { AddSuppressions } from './add_suppressions.tsx';
import { exportSuppressions, ImportSuppressions } from './suppression_file.tsx';

const REFRESH_MS = 60_000;
const PAUSE_IN_TYPING_MS = 250;
const KEY = ['leads', 'do_not_contact'];

export const SOURCE_WORDS: Readonly<Record<Suppression['source'], string>> = {
  person: 'added by a person',
  file: 'from a file',
  reply: 'from a reply',
  bounce: 'bounced',
  complaint: 'spam complaint',
  opt_out: 'Opt-out of a lead',
  crm: 'opted out in the CRM',
  earlier: 'added earlier',
};

type Shown = 'in_force' | 'lifted';
type Open = 'add' | 'import' | null;

/** Suppressed addresses, domains, and phone numbers: search, add, import, export, and lift. */
export function DoNotContactPage() {
  useTitle('Do not contact');
  const me = useMe();
  const [open, setOpen] = useState<Open>(null);
  const [typed, setTyped] = useState('');
  const [shown, setShown] = useState<Shown>('in_force');
  const q = useSettled(typed.trim());
  const query = { is_lifted: shown === 'lifted', ...(q === '' ? {} : { q }) };
  const pages = usePages(
    [...KEY, shown, q],
    (cursor) =>
      read(
        api.GET('/suppressions', {
          params: { query: { ...query, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    REFRESH_MS,
  );
  const exporting = useMutation({ mutationFn: exportSuppressions });
  const changed = () => cache.invalidateQueries({ queryKey: KEY });
  return (
    <div className="page page_wide">
      <div className="page_head">
        <h1>Do not contact</h1>
        <div className="actions">
          <Link to="/leads">All leads</Link>
          <button type="button" onClick={() => exporting.mutate()}>
            Export CSV
          </button>
          {mayImport(me) ? (
            <button type="button" onClick={() => setOpen('import')}>
              Import CSV…
            </button>
          ) : null}
          {mayWork(me) ? (
            <button type="button" className="primary" onClick={() => setOpen('add')}>
              Add…
            </button>
          ) : null}
        </div>
      </div>
      <div className="filters">
        <search className="search">
          <input
            type="search"
            aria-label="Search by the start of an address, domain, or phone number"
            placeholder="Address, domain, or number"
            value={typed}
            maxLength={320}
            onChange={(event) => setTyped(event.target.value)}
          />
        </search>
        <Choice
          label="Status"
          value={shown === 'lifted' ? 'lifted' : null}
          otherwise="In force"
          options={[['lifted', 'Lifted']]}
          onChoose={(chosen) => setShown(chosen === 'lifted' ? 'lifted' : 'in_force')}
        />
      </div>
      <Failure error={pages.error ?? exporting.error} />
      {!pages.is_loading && pages.items.length === 0 ? <Nothing q={q} shown={shown} /> : null}
      <ul className="record_list record_list_wide">
        {pages.items.map((item) => (
          <Line key={item.id} item={item} may_lift={mayKeepRecords(me)} onLifted={changed} />
        ))}
      </ul>
      <More pages={pages} />
      {open === 'add' ? <AddSuppressions onAdded={changed} onClose={() => setOpen(null)} /> : null}
      {open === 'import' ? <ImportSuppressions onAdded={changed} onClose={() => setOpen(null)} /> : null}
    </div>
  );
}

function Nothing({ q, shown }: { q: string; shown: Shown }) {
  if (q !== '') {
    return (
      <Empty title={`Nothing on the list begins with “${q}”`}>
        <p>Try the start of an address, a domain, or a phone number with its country code.</p>
      </Empty>
    );
  }
  if (shown === 'lifted') {
    return (
      <Empty title="Nothing was lifted">
        <p>Suppressions that a person lifted, or whose end has passed, appear here.</p>
      </Empty>
    );
  }
  return (
    <Empty title="No suppressions">
      <p>
        Add the addresses, domains, and phone numbers that no campaign may ever contact: competitors,
        customers of a partner, people who asked by phone. Bounced addresses and spam complaints are added
        automatically.
      </p>
    </Empty>
  );
}

type LineProps = { item: Suppression; may_lift: boolean; onLifted(): void };

function Line({ item, may_lift, onLifted }: LineProps) {
  const [is_lifting, setLifting] = useState(false);
  const { id, kind, value, reason, source, until, created_at, added_by_name } = item;
  const lifting = useMutation({
    mutationFn: (why: string) =>
      read(api.POST('/suppressions/{id}/lift', { params: { path: { id } }, body: { reason: why } })),
    onSuccess: () => {
      announce(`Suppression of ${value} lifted. Opt-outs and other suppressions stay in force.`);
      setLifting(false);
      onLifted();
    },
  });
  return (
    <li>
      <div>
        <p className="long_word">
          <strong>{value}</strong>{' '}
          {kind === 'domain' ? <span className="badge">Domain and subdomains</span> : null}
        </p>
        <p>{reason}</p>
        <p className="muted">
          {added_by_name ?? SOURCE_WORDS[source]}, <Time iso={created_at} />
          {until === null ? null : (
            <>
              {' · ends '}
              <Time iso={until} />
            </>
          )}
        </p>
        {item.is_lifted ? <Lifted item={item} /> : null}
      </div>
      {item.is_lifted || !may_lift ? null : (
        <div className="actions">
          <button type="button" onClick={() => setLifting(true)}>
            Lift…
          </button>
        </div>
      )}
      {is_lifting ? (
        <ReasonDialog
          title={`Lift the suppression of ${value}?`}
          text="New enrollments may start. Ended enrollments stay ended, and opt-outs stay."
          action="Lift"
          is_busy={lifting.isPending}
          error={lifting.error}
          onReason={(why) => lifting.mutate(why)}
          onClose={() => setLifting(false)}
        />
      ) : null}
    </li>
  );
}

function Lifted({ item: { lifted_at, lifted_by_name, lift_reason } }: { item: Suppression }) {
  return (
    <p className="notice">
      {lifted_by_name === null ? 'Ended' : `Lifted by ${lifted_by_name}`}
      {lifted_at === null ? null : (
        <>
          {', '}
          <Time iso={lifted_at} />
        </>
      )}
      {lift_reason === null ? '' : `: ${lift_reason}`}
    </p>
  );
}

/** The text once typing has paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_IN_TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
