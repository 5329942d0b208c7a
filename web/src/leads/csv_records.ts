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
      reader ??= csvReader(delimiterOf(read.value));
      yield* reader.take(read.value);
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

/** What separates the columns of the first line most often. */
function delimiterOf(text: string): string {
  const line = /^[^\r\n]*/.exec(text.trimStart())?.[0] ?? '';
  const count = (char: string) => line.split(char).length;
  return [',', ';', '\t'].reduce((best, char) => (count(char) > count(best) ? char : best));
}
