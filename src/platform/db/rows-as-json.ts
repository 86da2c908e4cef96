/**
 * Rows as one JSON text, for `jsonb_populate_recordset`, by which the server gives them the types of a table's columns. A statement that takes
 * them so is the same for any number of rows.
 */
export function rowsAsJson<Row extends object>(rows: readonly Row[], columns: readonly (keyof Row & string)[]): string {
  const names = columns.map((column) => [column, columnName(column)] as const)
  return JSON.stringify(
    rows.map((row) => Object.fromEntries(names.map(([column, name]) => [name, row[column]]))),
    (_, value: unknown) => (typeof value === 'string' ? value.toWellFormed() : value),
  )
}

/** `roomKey` is the column `room_key`. */
export function columnName(property: string): string {
  return property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
