/** The beginning of a file is enough to show what its columns hold. */
const SAMPLE_BYTES = 64 * 1024;
const ROWS = 4;

export type CsvSample = { header: readonly string[]; rows: readonly (readonly string[])[] };

/** What a person chose to import. */
export type Chosen = { file: Blob; name: string; sample: CsvSample };

/** The header and the first rows of a CSV file, to be looked at. What is imported, the server reads by itself. */
export async function sampleOf(file: Blob): Promise<CsvSample> {
  const text = await file.slice(0, SAMPLE_BYTES).text();
  const [header = [], ...rows] = recordsOf(text.replace(/^\uFEFF/, ''), ROWS + 1);
  return { header, rows };
}

/** As many as are asked for at once, and a file of so many rows is smaller than this. */
const FIRST_LEADS = 200;
const FIRST_BYTES = 4 * 1024 * 1024;

/** The first values of a column of the whole file, as many as can be asked for at once. */
export async function firstValuesOf(
  file: Blob,
  name: string,
): Promise<{ values: string[]; is_all: boolean }> {
  const text = await file.slice(0, FIRST_BYTES).text();
  const [header = [], ...rows] = recordsOf(text.replace(/^\uFEFF/, ''), FIRST_LEADS + 2);
  const values = valuesOf({ header, rows: rows.slice(0, FIRST_LEADS) }, name);
  return { values, is_all: rows.length <= FIRST_LEADS && file.size <= FIRST_BYTES };
}

/** The first values of a column that are not empty, for someone who wonders what it holds. */
export function valuesOf({ header, rows }: CsvSample, name: string): string[] {
  const place = header.indexOf(name);
  return rows.map((row) => row[place] ?? '').filter((value) => value !== '');
}

/** Records of RFC 4180, as many as are asked for. */
function recordsOf(text: string, count: number): string[][] {
  const delimiter = delimiterOf(text);
  const records: string[][] = [];
  let cells: string[] = [];
  let cell = '';
  let is_quoted = false;
  const endRecord = () => {
    cells.push(cell.trim());
    if (cells.some((value) => value !== '')) records.push(cells);
    cells = [];
    cell = '';
  };
  for (let at = 0; at < text.length && records.length < count; at += 1) {
    const char = text[at]!;
    if (is_quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else is_quoted = false;
    } else if (char === '"' && cell.trim() === '') {
      is_quoted = true;
      cell = '';
    } else if (char === delimiter) {
      cells.push(cell.trim());
      cell = '';
    } else if (char === '\n' || char === '\r') endRecord();
    else cell += char;
  }
  if (records.length < count && (cell !== '' || cells.length > 0)) endRecord();
  return records;
}

/** What separates the columns of the first line most often. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '';
  const count = (char: string) => line.split(char).length;
  return [',', ';', '\t'].reduce((best, char) => (count(char) > count(best) ? char : best));
}
