import { recordsOf } from './csv_records.ts';

/** The first part of a file is enough to show example values. */
const SAMPLE_BYTES = 64 * 1024;
const ROWS = 4;

export type CsvSample = { header: readonly string[]; rows: readonly (readonly string[])[] };

/** The file or rows that a user chose to import. */
export type Chosen = { file: Blob; name: string; sample: CsvSample };

/** Reads the header and the first rows for display only; the server parses the file itself. */
export async function sampleOf(file: Blob): Promise<CsvSample> {
  const records: (readonly string[])[] = [];
  for await (const record of recordsOf(file.slice(0, SAMPLE_BYTES))) {
    if (records.push(record) > ROWS) break;
  }
  const [header = [], ...rows] = records;
  return { header, rows };
}

/** The longest address the server accepts. */
const ADDRESS_CHARS_MAX = 254;

/** Returns each address in a column of the whole file once. Reads in chunks, since files may have any size. */
export async function addressesIn(file: Blob, column: string): Promise<string[]> {
  const addresses = new Map<string, string>();
  let place: number | null = null;
  for await (const record of recordsOf(file)) {
    if (place === null) {
      place = record.indexOf(column);
      continue;
    }
    const address = record[place] ?? '';
    if (address.length > ADDRESS_CHARS_MAX || !isAddress(address)) continue;
    const key = address.toLowerCase();
    if (!addresses.has(key)) addresses.set(key, address);
  }
  return [...addresses.values()];
}

export function isAddress(value: string): boolean {
  return /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(value);
}

/** Returns the first non-empty values of a column as examples. */
export function valuesOf({ rows }: CsvSample, place: number): string[] {
  return rows.map((row) => row[place] ?? '').filter((value) => value !== '');
}
