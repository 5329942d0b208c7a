/** Columns of one row, in the order of the statement. */
type Columns = readonly unknown[];
type RowMaker = (columns: Columns) => unknown;

/** By the names of the columns: as many as there are statements. */
const makers = new Map<string, RowMaker>();

/**
 * Rows as objects. The engine builds an object whose names it knows beforehand ten times as fast as one that is filled
 * name by name, and a page of a list has two thousand values.
 */
export function toRows<Row>(fields: readonly { name: string }[], rows: readonly Columns[]): Row[] {
  if (rows.length === 0) return [];
  const names = JSON.stringify(fields.map(({ name }) => name));
  const maker = makers.get(names) ?? keepMaker(names);
  return rows.map((columns) => maker(columns) as Row);
}

/** The names are those of our own statements, quoted as JSON: none of them can be anything but a name. */
function keepMaker(names: string): RowMaker {
  const quoted = (JSON.parse(names) as string[]).map((name) => JSON.stringify(name));
  const properties = quoted.map((name, at) => `${name}: columns[${at}]`);
  const maker = new Function('columns', `return { ${properties.join(', ')} }`) as RowMaker;
  makers.set(names, maker);
  return maker;
}
