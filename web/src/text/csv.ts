/**
 * Writes rows as CSV (RFC 4180). A cell that a spreadsheet would run as a
 * formula gets a leading apostrophe: its text may come from an attacker.
 */
export function toCSV(head: string[], rows: string[][]): string {
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

/** A negative number runs nothing. */
const number = /^-\d+(\.\d+)?(e[+-]?\d+)?$/i;

function cell(value: string): string {
  const formula = /^[\s]*[=+\-@\t\r]/.test(value) && !number.test(value);
  const safe = formula ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
