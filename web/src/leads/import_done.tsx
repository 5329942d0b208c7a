import './import.css';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { Link } from '../ui/link.tsx';
import { addressesIn, type Chosen, isAddress, valuesOf } from './csv_sample.ts';
import { Errors } from './import_preview.tsx';
import type { ImportReport } from './import_upload.ts';
import { nameOf } from './lead.ts';
import { StartMany } from './start_many.tsx';

type ImportedProps = { report: ImportReport; chosen: Chosen; onAnother(): void };

/** Shows the counts of an import and its first leads. */
export function Imported({ report, chosen, onAnother }: ImportedProps) {
  const { created_count, updated_count, unchanged_count } = report;
  const [starting, setStarting] = useState<readonly string[] | null>(null);
  return (
    <>
      <p className="notice notice_good" role="status">
        {created_count === 0 ? 'No new leads imported' : `${countWords(created_count, 'lead')} imported`}
        {updated_count === 0 ? '' : `, ${countWords(updated_count, 'lead')} updated`}
        {unchanged_count === 0 ? '' : `, ${countWords(unchanged_count, 'lead')} unchanged`}.
      </p>
      <FirstOfThem report={report} chosen={chosen} />
      <div className="actions">
        <StartForThem report={report} chosen={chosen} onStart={setStarting} />
        <Link to="/leads">View leads</Link>
        <button type="button" onClick={onAnother}>
          Import another file
        </button>
      </div>
      {starting === null ? null : <StartMany leads={starting} onClose={() => setStarting(null)} />}
      <Errors report={report} is_done />
    </>
  );
}

type StartForThemProps = { report: ImportReport; chosen: Chosen; onStart(leads: readonly string[]): void };

/** Offers to enroll the imported leads in a campaign. */
function StartForThem({ report, chosen, onStart }: StartForThemProps) {
  const column = report.columns.email;
  const leads = useQuery({
    // Uses a key outside of `leads`, so that a changed lead does not read the file again.
    queryKey: ['imported', chosen.name, chosen.file.size, column],
    queryFn: () => addressesIn(chosen.file, column ?? ''),
    enabled: column !== undefined,
    staleTime: Infinity,
    gcTime: 0,
  });
  const { data: addresses } = leads;
  if (leads.isError) return <Failure error={leads.error} />;
  if (addresses === undefined || addresses.length === 0) return null;
  return (
    <button type="button" className="primary" onClick={() => onStart(addresses)}>
      Enroll in a campaign…
    </button>
  );
}

/** Shows the leads of the first rows as stored now. */
function FirstOfThem({ report, chosen }: Omit<ImportedProps, 'onAnother'>) {
  const column = report.columns.email;
  const values = column === undefined ? [] : valuesOf(chosen.sample, chosen.sample.header.indexOf(column));
  const emails = values.filter(isAddress);
  const leads = useQueries({
    queries: emails.map((email) => ({
      queryKey: ['leads', email, 'imported'],
      queryFn: () => read(api.GET('/leads/{id}', { params: { path: { id: email } } })),
      retry: false,
    })),
  });
  const found = leads.flatMap(({ data }) => data ?? []);
  if (found.length === 0) return null;
  return (
    <section>
      <h2>{found.length === 1 ? 'First lead' : `First ${found.length} leads`} of the file</h2>
      <ul className="rows rows_wide" aria-label="First leads imported">
        {found.map((lead) => (
          <li key={lead.id}>
            <Link className="row" to={`/leads/${lead.id}`}>
              <strong>{nameOf(lead)}</strong>
              <span className="row_text">{lead.company}</span>
              <span className="row_end muted">{lead.email}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
