import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../api/client.ts';
import { problemFrom, Refusal } from '../api/refusal.ts';
import type { SuppressionImport } from '../api/schema.d.ts';
import { ActionButton } from '../ui/action_button.tsx';
import { announce } from '../ui/announce.tsx';
import { countWords } from '../ui/count.ts';
import { Dialog } from '../ui/dialog.tsx';
import { Failure } from '../ui/failure.tsx';
import { Field } from '../ui/field.tsx';

const ERRORS_SHOWN = 20;

/** Imports a CSV file after a check that shows what it would add and which rows are invalid. */
export function ImportSuppressions({ onAdded, onClose }: { onAdded(): void; onClose(): void }) {
  const [file, setFile] = useState<File | null>(null);
  const checking = useMutation({ mutationFn: (chosen: File) => upload(chosen, true) });
  const importing = useMutation({
    mutationFn: (chosen: File) => upload(chosen, false),
    onSuccess: ({ added_count }) => {
      announce(`${countWords(added_count, 'suppression')} imported.`);
      onAdded();
      onClose();
    },
  });
  const report = checking.data;
  return (
    <Dialog title="Import a do not contact list" onClose={onClose}>
      <Field
        label="CSV file"
        hint="A column named value, email, domain, or phone is required; reason and until are read too."
      >
        <input
          type="file"
          accept=".csv,text/csv"
          onChange={({ target }) => {
            const [chosen = null] = target.files ?? [];
            setFile(chosen);
            importing.reset();
            if (chosen === null) checking.reset();
            else checking.mutate(chosen);
          }}
        />
      </Field>
      <Failure error={importing.error ?? checking.error} />
      {checking.isPending ? <p className="muted">Checking…</p> : null}
      {report === undefined ? null : <Report report={report} />}
      <div className="actions">
        <ActionButton
          type="button"
          className="primary"
          disabled={file === null || report === undefined || report.added_count === 0}
          is_busy={importing.isPending}
          onClick={() => file !== null && importing.mutate(file)}
        >
          Import
        </ActionButton>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
      </div>
    </Dialog>
  );
}

function Report({ report }: { report: SuppressionImport }) {
  const { rows_read, added_count, already_count, error_count, errors } = report;
  return (
    <>
      <p className="notice" role="status">
        {countWords(rows_read, 'row')}: {added_count} to add, {already_count} already on the list or repeated,{' '}
        {error_count} invalid.
      </p>
      {errors.length === 0 ? null : (
        <ul>
          {errors.slice(0, ERRORS_SHOWN).map(({ line, message, value }) => (
            <li key={line} className="long_word">
              Line {line}: {value} {message}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

async function upload(file: File, dry_run: boolean): Promise<SuppressionImport> {
  const response = await fetch(`/api/v1/suppressions/import?dry_run=${dry_run}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: file,
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Refusal(problemFrom(answer, response.status));
  return answer as SuppressionImport;
}

/** Downloads all suppressions in force. */
export async function exportSuppressions(): Promise<void> {
  const parts: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { cursor?: string } = cursor === null ? {} : { cursor };
    const part: { csv: string; next_cursor: string | null } = await read(
      api.GET('/suppressions/export', { params: { query } }),
    );
    parts.push(part.csv);
    cursor = part.next_cursor;
  } while (cursor !== null);
  const url = URL.createObjectURL(new Blob(parts, { type: 'text/csv' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'do_not_contact.csv';
  link.click();
  URL.revokeObjectURL(url);
}
