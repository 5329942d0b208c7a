/** The fields of a file, each with the names that its column may have. */
type Columns = Readonly<Record<string, readonly string[]>>;

/** The place of each field's column, by the header of the file. A field without a column is missing. */
export function columnsIn<Fields extends Columns>(
  header: readonly string[],
  fields: Fields,
): Map<keyof Fields & string, number> {
  const names = header.map((name) =>
    name
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_'),
  );
  const found = Object.entries(fields).flatMap(([field, synonyms]): [keyof Fields & string, number][] => {
    const at = names.findIndex((name) => synonyms.includes(name));
    return at < 0 ? [] : [[field, at]];
  });
  return new Map(found);
}

/** The text of each field in a row; empty without a column or a cell. */
export function textsIn<Fields extends Columns>(
  columns: ReadonlyMap<keyof Fields & string, number>,
  cells: readonly string[],
  fields: Fields,
): Record<keyof Fields & string, string> {
  return Object.fromEntries(
    Object.keys(fields).map((field) => [field, cells[columns.get(field) ?? -1]?.trim() ?? '']),
  ) as Record<keyof Fields & string, string>;
}
