import './import.css';
import { type FormEvent, useState } from 'react';
import { Field } from '../ui/field.tsx';

/** Accepts a dropped or chosen file, or pasted rows. */
export function ChooseFile({ onChoose }: { onChoose(file: Blob, name: string): void }) {
  const [pasted, setPasted] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (pasted.trim() !== '') onChoose(new Blob([pasted], { type: 'text/csv' }), 'Pasted rows');
  };
  return (
    <>
      <p className="muted">
        Only an email column is required. Existing leads are updated; empty cells change nothing, and opt-outs
        are never lifted. You see a preview before anything is saved.
      </p>
      <div className="drop">
        <Field
          label="CSV file"
          hint="UTF-8 with a header row; commas, semicolons, or tabs; any size. You can also drop the file here."
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
        <Field label="Or paste rows" hint="Copied from a spreadsheet, starting with the header row.">
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
            Preview import
          </button>
        </div>
      </form>
    </>
  );
}
