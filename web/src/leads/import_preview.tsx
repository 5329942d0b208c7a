import './import.css';
import { isRefusal } from '../api/refusal.ts';
import { countWords } from '../ui/count.ts';
import { Failure } from '../ui/failure.tsx';
import { type Chosen, valuesOf } from './csv_sample.ts';
import { ADDRESSES, type Columns, type ImportField } from './import_fields.ts';
import type { ImportReport } from './import_upload.ts';
import { IMPORT_FIELDS } from './lead_fields.gen.ts';

type ImportPreviewProps = {
  chosen: Chosen;
  columns: Columns;
  /** The result of the dry run; null while it runs or after a refusal. */
  report: ImportReport | null;
  share: number;
  state: 'trying' | 'waiting' | 'importing';
  error: Error | null;
  onColumn(header: string, field: ImportField | typeof ADDRESSES | null): void;
  onImport(): void;
  onOther(): void;
};

/** Shows how each column is mapped, what would change, and the errors by line. Nothing is saved yet. */
export function ImportPreview(props: ImportPreviewProps) {
  const { chosen, report, share, state, error, onImport, onOther } = props;
  const count = report === null ? 0 : report.created_count + report.updated_count;
  const further = report?.further_address_count ?? 0;
  return (
    <>
      <p>
        <strong>{chosen.name}</strong>{' '}
        <button type="button" className="quiet" onClick={onOther} disabled={state === 'importing'}>
          Choose another file
        </button>
      </p>
      {isRefusal(error, 'csv_no_email_column') ? (
        <p className="notice" role="status">
          Select the column with the email address.
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
          disabled={state !== 'waiting' || count + further === 0}
          onClick={onImport}
        >
          {count > 0
            ? `Import ${countWords(count, 'lead')}`
            : further > 0
              ? 'Import addresses'
              : 'Nothing to import'}
        </button>
      </div>
      {report === null ? null : <Errors report={report} />}
    </>
  );
}

function ColumnTable({ chosen, columns, state, onColumn }: ImportPreviewProps) {
  const { [ADDRESSES]: addresses = [], ...fields } = columns;
  const fieldOf = new Map<string, string>([
    ...Object.entries(fields).map(([field, header]) => [header, field] as const),
    ...addresses.map((header) => [header, ADDRESSES] as const),
  ]);
  return (
    <div className="table_scroll">
      <table className="import_columns">
        <caption>Columns of the file</caption>
        <thead>
          <tr>
            <th scope="col">Column</th>
            <th scope="col">Example</th>
            <th scope="col">Maps to</th>
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
                  <span className="muted">Skipped: duplicate header</span>
                ) : (
                  <select
                    aria-label={`${header} maps to`}
                    value={fieldOf.get(header) ?? ''}
                    disabled={state !== 'waiting' || header === ''}
                    onChange={(event) =>
                      onColumn(header, (event.target.value || null) as ImportField | typeof ADDRESSES | null)
                    }
                  >
                    <option value="">Skip</option>
                    {IMPORT_FIELDS.map(({ name, label }) => (
                      <option key={name} value={name}>
                        {label}
                      </option>
                    ))}
                    <option value={ADDRESSES}>Further address</option>
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

/** Shows the share of the file uploaded; after that, the server imports it and reports the end. */
function Progress({ share, is_trying }: { share: number; is_trying: boolean }) {
  const percent = Math.round(share * 100);
  const words = is_trying ? 'Checking the file' : 'Importing';
  return (
    <div className="progress">
      <progress value={share >= 1 ? undefined : share} max={1} aria-label={words} />
      <span role="status">{share >= 1 ? `${words}: file read…` : `${words}: ${percent}% read`}</span>
    </div>
  );
}

function Outcome({ report, is_old }: { report: ImportReport; is_old: boolean }) {
  const { rows_read, created_count, updated_count, unchanged_count, skipped_count } = report;
  const further = report.further_address_count;
  const figures = [
    ['New', created_count],
    ['Updated', updated_count],
    ['Unchanged', unchanged_count],
    ['Skipped', skipped_count],
    ...(further === 0 ? [] : [['Further addresses', further] as const]),
  ] as const;
  return (
    <section aria-label="Import preview" data-old={is_old}>
      <h2>Preview of {countWords(rows_read, 'row')}</h2>
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
          Skipped columns: {report.ignored_columns.map((header) => leftOut(header, report)).join(', ')}.
        </p>
      )}
    </section>
  );
}

/** If two columns share a header, only the first is imported. */
function leftOut(header: string, { columns }: ImportReport): string {
  return Object.values(columns).includes(header) ? `${header} (second column of that name)` : header;
}

/** Lists the skipped rows with their errors; all others are imported. */
export function Errors({ report, is_done = false }: { report: ImportReport; is_done?: boolean }) {
  if (report.errors.length === 0) return null;
  return (
    <section>
      <h2>Skipped rows</h2>
      <p className="muted">
        All other rows {is_done ? 'are' : 'will be'} imported. Fix these and import the file again; existing
        leads are only updated.
      </p>
      <div className="table_scroll">
        <table className="import_errors">
          <caption className="unseen">Reasons by line</caption>
          <thead>
            <tr>
              <th scope="col">Line</th>
              <th scope="col">Column</th>
              <th scope="col">Reason</th>
              <th scope="col">Value</th>
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
