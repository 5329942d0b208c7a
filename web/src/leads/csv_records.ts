/** Records of RFC 4180 as far as they are complete, and at the end the last one. Empty ones are left out. */
type Reader = { take(text: string): string[][]; end(): string[][] };

/** The records of a file, one after the other, without holding it all. */
export async function* recordsOf(file: Blob): AsyncGenerator<readonly string[]> {
  let reader: Reader | null = null;
  // The decoder drops the mark with which some files begin.
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
  /** After a quote within quotes: the next character says whether it ends them. */
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

/** What separates the columns, as the server reads it: as the first line says of itself, else as the header has it. */
function beginningOf(text: string): { delimiter: string; rest: string } {
  const said = /^"?sep=([,;\t])"?\r?[\r\n]/i.exec(text);
  if (said?.[1] !== undefined) return { delimiter: said[1], rest: text.slice(said[0].length) };
  return { delimiter: delimiterOf(text.trimStart()), rest: text };
}

/** What stands in the header most often, outside of quotes. */
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
