import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { Link } from '../ui/link.tsx';
import { type Chosen, firstValuesOf, valuesOf } from './csv_sample.ts';
import { Errors, leadCount } from './import_preview.tsx';
import type { ImportReport } from './import_upload.ts';
import { nameOf } from './lead.ts';
import { StartMany } from './start_many.tsx';

type ImportedProps = { report: ImportReport; chosen: Chosen; onAnother(): void };

/** What came in, and where it is. */
export function Imported({ report, chosen, onAnother }: ImportedProps) {
  const { created_count, updated_count, unchanged_count } = report;
  return (
    <>
      <p className="notice notice_good" role="status">
        {created_count === 0 ? 'Nobody new came in' : `${leadCount(created_count)} came in`}
        {updated_count === 0 ? '' : `, ${leadCount(updated_count)} updated`}
        {unchanged_count === 0 ? '' : `, ${leadCount(unchanged_count)} as they were`}.
      </p>
      <FirstOfThem report={report} chosen={chosen} />
      <div className="actions">
        <StartForThem report={report} chosen={chosen} />
        <Link to="/leads">See the leads</Link>
        <button type="button" onClick={onAnother}>
          Import another file
        </button>
      </div>
      <Errors report={report} />
    </>
  );
}

/** The campaign that the file was brought in for, begun at once. */
function StartForThem({ report, chosen }: Omit<ImportedProps, 'onAnother'>) {
  const [is_open, setOpen] = useState(false);
  const column = report.columns.email;
  const leads = useQuery({
    queryKey: ['leads', 'imported', chosen.name, chosen.file.size, column],
    queryFn: () => firstValuesOf(chosen.file, column ?? ''),
    enabled: column !== undefined,
    staleTime: 0,
    gcTime: 0,
  });
  if (leads.data === undefined || leads.data.values.length === 0) return null;
  const { values, is_all } = leads.data;
  return (
    <>
      <button type="button" className="primary" onClick={() => setOpen(true)}>
        {is_all ? 'Start a campaign for them …' : `Start a campaign for the first ${values.length} …`}
      </button>
      {is_open ? <StartMany leads={values} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

/** The first rows of the file, as they are here now. */
function FirstOfThem({ report, chosen }: Omit<ImportedProps, 'onAnother'>) {
  const column = report.columns.email;
  const values = column === undefined ? [] : valuesOf(chosen.sample, column);
  const emails = values.filter((value) => /^[^\s@]+@[^\s@]+$/.test(value));
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
    <ul className="rows rows_wide" aria-label="The first of them">
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
  );
}
