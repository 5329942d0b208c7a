import { problemFrom, Refusal, UNREACHABLE } from '../api/refusal.ts';
import type { ImportReport } from '../api/schema.d.ts';
import { type Columns, mappingOf } from './import_fields.ts';

export type { ImportReport } from '../api/schema.d.ts';

type Upload = {
  file: Blob;
  dry_run: boolean;
  /** Null: the server maps the columns by their headers. */
  columns: Columns | null;
  /** Receives the uploaded share of the file, from 0 to 1. */
  onProgress(share: number): void;
};

/** Uploads a file for import. Uses XMLHttpRequest because fetch does not report upload progress. Throws a `Refusal`. */
export function upload({ file, dry_run, columns, onProgress }: Upload): Promise<ImportReport> {
  const query = new URLSearchParams({ dry_run: String(dry_run) });
  if (columns !== null) query.set('mapping', mappingOf(columns));
  const request = new XMLHttpRequest();
  request.open('POST', `/api/v1/leads/import?${query}`);
  request.setRequestHeader('content-type', 'text/csv');
  request.responseType = 'json';
  request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
  return new Promise((resolve, reject) => {
    request.onload = () => {
      if (request.status === 200) resolve(request.response as ImportReport);
      else reject(new Refusal(problemFrom(request.response, request.status)));
    };
    request.onerror = () => reject(new Refusal(UNREACHABLE));
    request.send(file);
  });
}
