import { recordsOf } from './csv_records.ts';

/** The beginning of a file is enough to show what its columns hold. */
const SAMPLE_BYTES = 64 * 1024;
const ROWS = 4;

export type CsvSample = { header: readonly string[]; rows: readonly (readonly string[])[] };

/** What a person chose to import. */
export type Chosen = { file: Blob; name: string; sample: CsvSample };

/** The header and the first rows of a CSV file, to be looked at. What is imported, the server reads by itself. */
export async function sampleOf(file: Blob): Promise<CsvSample> {
  const records: (readonly string[])[] = [];
  for await (const record of recordsOf(file.slice(0, SAMPLE_BYTES))) {
    if (records.push(record) > ROWS) break;
  }
  const [header = [], ...rows] = records;
  return { header, rows };
}

/** So long is an address at most that the server takes. */
const ADDRESS_CHARS_MAX = 254;

/** Every address in a column of the whole file, each once, read bit by bit: a file may have any size. */
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

/** The first values of a column that are not empty, for someone who wonders what it holds. */
export function valuesOf({ rows }: CsvSample, place: number): string[] {
  return rows.map((row) => row[place] ?? '').filter((value) => value !== '');
}
