import './import.css';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/field.tsx';

/** A file from the disk, dropped or chosen, or rows that were copied from a table. */
export function ChooseFile({ onChoose }: { onChoose(file: Blob, name: string): void }) {
  const [pasted, setPasted] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pasted.trim() !== '') onChoose(new Blob([pasted], { type: 'text/csv' }), 'what you pasted');
  };
  return (
    <>
      <p className="muted">
        Only a column with addresses is needed. Who is known already is updated; an empty cell changes
        nothing, and an opt-out is never lifted. Before anything happens you see what would.
      </p>
      <div className="drop">
        <Field
          label="A CSV file"
          hint="In UTF-8, with a header; commas, semicolons or tabs. Of any size. Or drop it here."
        >
          <input
            type="file"
            accept=".csv,.tsv,.txt,text/csv,text/plain"
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) onChoose(file, file.name);
            }}
          />
        </Field>
      </div>
      <form className="paste" onSubmit={submit}>
        <Field label="Or paste rows" hint="As copied from a spreadsheet, the header first.">
          <textarea
            rows={6}
            value={pasted}
            spellCheck={false}
            placeholder={'email,first_name,company\nada@engines.example,Ada,Engines'}
            onChange={(event) => setPasted(event.target.value)}
          />
        </Field>
        <div className="actions">
          <button type="submit" disabled={pasted.trim() === ''}>
            See what would happen
          </button>
        </div>
      </form>
    </>
  );
}
