import './leads.css';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { isRefusal } from '../api/refusal.ts';
import { useMe } from '../sessions/me.ts';
import { mayImport } from '../sessions/roles.ts';
import { Empty } from '../ui/empty.tsx';
import { Link } from '../ui/link.tsx';
import { useTitle } from '../ui/title.ts';
import { type Chosen, sampleOf } from './csv_sample.ts';
import { ChooseFile } from './import_choose.tsx';
import { Imported } from './import_done.tsx';
import { type Columns, columnsOf, withColumn } from './import_fields.ts';
import { ImportPreview } from './import_preview.tsx';
import { type ImportReport, upload } from './import_upload.ts';
import { leadChanged } from './lead.ts';

/** `columns` is null until the user changes the server's mapping. */
type Tried = { columns: Columns | null; report: ImportReport | null };

/** Imports leads from a CSV file: choose a file, review a dry run line by line, then import. */
export function ImportPage() {
  useTitle('Import leads');
  const me = useMe();
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [tried, setTried] = useState<Tried>({ columns: null, report: null });
  const [share, setShare] = useState(0);
  const trying = useMutation({
    mutationFn: ({ file, columns }: { file: Blob; columns: Columns | null }) =>
      upload({ file, columns, dry_run: true, onProgress: setShare }),
    onSuccess: (report, { columns }) => setTried({ columns, report }),
    onError: (error, { columns }) => setTried({ columns: columns ?? recognized(error), report: null }),
  });
  const importing = useMutation({
    mutationFn: ({ file }: Chosen) =>
      upload({ file, columns: tried.columns, dry_run: false, onProgress: setShare }),
    onSuccess: leadChanged,
  });
  const known = tried.columns ?? (tried.report === null ? {} : columnsOf(tried.report));
  const choose = async (file: Blob, name: string) => {
    setChosen({ file, name, sample: await sampleOf(file) });
    importing.reset();
    trying.mutate({ file, columns: null });
  };
  const restart = () => {
    setChosen(null);
    setTried({ columns: null, report: null });
    trying.reset();
    importing.reset();
  };
  if (me !== undefined && !mayImport(me)) return <NotForMe />;
  return (
    <div className="page">
      <p className="crumbs">
        <Link to="/leads">‹ Leads</Link>
      </p>
      <h1>Import leads</h1>
      {chosen === null ? <ChooseFile onChoose={choose} /> : null}
      {chosen !== null && importing.data === undefined ? (
        <ImportPreview
          chosen={chosen}
          columns={known}
          report={tried.report}
          share={share}
          state={importing.isPending ? 'importing' : trying.isPending ? 'trying' : 'waiting'}
          error={importing.error ?? trying.error}
          onColumn={(header, field) => {
            trying.mutate({ file: chosen.file, columns: withColumn(known, header, field) });
          }}
          onImport={() => importing.mutate(chosen)}
          onOther={restart}
        />
      ) : null}
      {chosen !== null && importing.data !== undefined ? (
        <Imported report={importing.data} chosen={chosen} onAnother={restart} />
      ) : null}
    </div>
  );
}

/** Returns the server's mapping of the other columns if it found no address column. */
function recognized(error: Error): Columns | null {
  return isRefusal(error, 'csv_no_email_column') ? ((error.problem.columns as Columns) ?? null) : null;
}

function NotForMe() {
  return (
    <Empty title="Only reps, RevOps, and admins import leads">
      <p>
        Your roles do not allow imports. <Link to="/leads">View leads</Link>.
      </p>
    </Empty>
  );
}
