/**
 * Writes rows as CSV (RFC 4180). A cell that a spreadsheet would run as a
 * formula gets a leading apostrophe: its text may come from an attacker.
 */
export function toCSV(head: string[], rows: string[][]): string {
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
}

function cell(value: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
