/** Reads RFC 4180: returns each complete record, and at the end the last one. Skips empty records. */
type Reader = { take(text: string): string[][]; end(): string[][] };

/** Yields the records of a file without loading all of them at once. */
export async function* recordsOf(file: Blob): AsyncGenerator<readonly string[]> {
  let reader: Reader | null = null;
  // The decoder drops a byte order mark.
  const chunks = file.stream().pipeThrough(new TextDecoderStream());
  const source = chunks.getReader();
  try {
    for (let read = await source.read(); !read.done; read = await source.read()) {
      if (reader === null) {
        const { delimiter, rest } = beginningOf(read.value);
        reader = csvReader(delimiter);
        yield* reader.take(rest);
      } else yield* reader.take(read.value);
    }
    if (reader !== null) yield* reader.end();
  } finally {
    await source.cancel();
  }
}

function csvReader(delimiter: string): Reader {
  let cells: string[] = [];
  let cell = '';
  let is_quoted = false;
  /** True after a quote within quotes, until the next character shows whether it closes the field. */
  let is_open = false;
  let records: string[][] = [];
  const endCell = () => {
    cells.push(cell.trim());
    cell = '';
  };
  const endRecord = () => {
    endCell();
    if (cells.some((value) => value !== '')) records.push(cells);
    cells = [];
  };
  const takeQuoted = (char: string): boolean => {
    if (is_open && char !== '"') {
      is_open = false;
      is_quoted = false;
      return false;
    }
    if (is_open || char !== '"') cell += char;
    is_open = !is_open && char === '"';
    return true;
  };
  const taken = () => {
    const complete = records;
    records = [];
    return complete;
  };
  return {
    take(text) {
      for (const char of text) {
        if (is_quoted && takeQuoted(char)) continue;
        if (char === '"' && cell.trim() === '') {
          is_quoted = true;
          cell = '';
        } else if (char === delimiter) endCell();
        else if (char === '\n' || char === '\r') endRecord();
        else cell += char;
      }
      return taken();
    },
    end() {
      if (cell !== '' || cells.length > 0) endRecord();
      return taken();
    },
  };
}

/** Finds the delimiter as the server does: from the first line if it declares one, else from the header. */
function beginningOf(text: string): { delimiter: string; rest: string } {
  const said = /^"?sep=([,;\t])"?\r?[\r\n]/i.exec(text);
  if (said?.[1] !== undefined) return { delimiter: said[1], rest: text.slice(said[0].length) };
  return { delimiter: delimiterOf(text.trimStart()), rest: text };
}

/** Returns the separator that occurs most often in the header, outside of quotes. */
function delimiterOf(text: string): string {
  const counts: Record<string, number> = { ',': 0, ';': 0, '\t': 0 };
  let is_quoted = false;
  for (const char of text) {
    if (char === '"') is_quoted = !is_quoted;
    else if (is_quoted) continue;
    else if (char === '\n' || char === '\r') break;
    else if (counts[char] !== undefined) counts[char] += 1;
  }
  return Object.keys(counts).reduce((best, char) =>
    (counts[char] ?? 0) > (counts[best] ?? 0) ? char : best,
  );
}
