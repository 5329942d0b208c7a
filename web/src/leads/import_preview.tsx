import './import.css';
import { isRefusal } from '../api/refusal.ts';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { type Chosen, valuesOf } from './csv_sample.ts';
import type { Columns, ImportField } from './import_fields.ts';
import type { ImportReport } from './import_upload.ts';
import { IMPORT_FIELDS } from './lead_fields.gen.ts';

type ImportPreviewProps = {
  chosen: Chosen;
  columns: Columns;
  /** What the dry run said; null while it runs, or when it was refused. */
  report: ImportReport | null;
  share: number;
  state: 'trying' | 'waiting' | 'importing';
  error: Error | null;
  onColumn(header: string, field: ImportField | null): void;
  onImport(): void;
  onOther(): void;
};

/** What each column is read as, what would change, and what is wrong, line by line. Nothing has happened yet. */
export function ImportPreview(props: ImportPreviewProps) {
  const { chosen, report, share, state, error, onImport, onOther } = props;
  const count = report === null ? 0 : report.created_count + report.updated_count;
  return (
    <>
      <p>
        <strong>{chosen.name}</strong>{' '}
        <button type="button" className="quiet" onClick={onOther} disabled={state === 'importing'}>
          Choose another
        </button>
      </p>
      {isRefusal(error, 'csv_no_email_column') ? (
        <p className="notice" role="status">
          Say which column has the e-mail address.
        </p>
      ) : (
        <Failure error={error} />
      )}
      <ColumnTable {...props} />
      {state === 'waiting' ? null : <Progress share={share} is_trying={state === 'trying'} />}
      {report === null ? null : <Outcome report={report} is_old={state === 'trying'} />}
      <div className="actions">
        <button
          type="button"
          className="primary"
          disabled={state !== 'waiting' || count === 0}
          onClick={onImport}
        >
          {count === 0 ? 'Nothing to import' : `Import ${countWords(count, 'lead')}`}
        </button>
      </div>
      {report === null ? null : <Errors report={report} />}
    </>
  );
}

function ColumnTable({ chosen, columns, state, onColumn }: ImportPreviewProps) {
  const fieldOf = new Map(Object.entries(columns).map(([field, header]) => [header, field as ImportField]));
  return (
    <div className="table_scroll">
      <table className="import_columns">
        <caption>What the columns hold</caption>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Such as</th>
            <th scope="col">Read as</th>
          </tr>
        </thead>
        <tbody>
          {chosen.sample.header.map((header, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two columns may have one header
            <tr key={place}>
              <th scope="row">{header || '(no header)'}</th>
              <td className="muted">{valuesOf(chosen.sample, place).slice(0, 2).join(' · ')}</td>
              <td>
                {chosen.sample.header.indexOf(header) < place ? (
                  <span className="muted">Left out: its header is that of a column before it</span>
                ) : (
                  <select
                    aria-label={`What ${header} is read as`}
                    value={fieldOf.get(header) ?? ''}
                    disabled={state !== 'waiting' || header === ''}
                    onChange={(event) => onColumn(header, (event.target.value || null) as ImportField | null)}
                  >
                    <option value="">Left out</option>
                    {IMPORT_FIELDS.map(({ name, label }) => (
                      <option key={name} value={name}>
                        {label}
                      </option>
                    ))}
                  </select>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How much of the file has been taken; after that the server writes, and says when it is done. */
function Progress({ share, is_trying }: { share: number; is_trying: boolean }) {
  const percent = Math.round(share * 100);
  const words = is_trying ? 'Looking through the file' : 'Importing';
  return (
    <div className="progress">
      <progress value={share >= 1 ? undefined : share} max={1} aria-label={words} />
      <span role="status">
        {share >= 1 ? `${words}: all of it is read …` : `${words}: ${percent} % read`}
      </span>
    </div>
  );
}

function Outcome({ report, is_old }: { report: ImportReport; is_old: boolean }) {
  const { rows_read, created_count, updated_count, unchanged_count, skipped_count } = report;
  const figures = [
    ['New', created_count],
    ['Updated', updated_count],
    ['Unchanged', unchanged_count],
    ['Left out', skipped_count],
  ] as const;
  return (
    <section aria-label="What would happen" data-old={is_old}>
      <h2>Of {countWords(rows_read, 'row')}</h2>
      <dl className="import_figures">
        {figures.map(([name, count]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count.toLocaleString('en')}</dd>
          </div>
        ))}
      </dl>
      {report.ignored_columns.length === 0 ? null : (
        <p className="muted">
          Columns that are left out:{' '}
          {report.ignored_columns.map((header) => leftOut(header, report)).join(', ')}.
        </p>
      )}
    </section>
  );
}

/** Of two columns of one header the first is read. */
function leftOut(header: string, { columns }: ImportReport): string {
  return Object.values(columns).includes(header) ? `${header} (the second of that name)` : header;
}

/** Rows with a fault are left out, the others come in. */
export function Errors({ report }: { report: ImportReport }) {
  if (report.errors.length === 0) return null;
  return (
    <section>
      <h2>Rows that are left out</h2>
      <p className="muted">
        The others come in. What is wrong can be mended in the file, and the file imported again: what is here
        already is only updated.
      </p>
      <div className="table_scroll">
        <table className="import_errors">
          <caption className="unseen">Reasons by line</caption>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Column</th>
              <th scope="col">Why</th>
              <th scope="col">What stands there</th>
            </tr>
          </thead>
          <tbody>
            {report.errors.map(({ line, column, message, value }) => (
              <tr key={`${line} ${column} ${message}`}>
                <td>{line}</td>
                <td>{column ?? '–'}</td>
                <td>{message}</td>
                <td className="muted">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {report.error_count > report.errors.length ? (
        <p className="muted">And {(report.error_count - report.errors.length).toLocaleString('en')} more.</p>
      ) : null}
    </section>
  );
}
