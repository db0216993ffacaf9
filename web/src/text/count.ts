const grouped = new Intl.NumberFormat('en-GB');

/** 12,345 */
export function number(n: number): string {
  return grouped.format(n);
}

/** "1 alert", "12 alerts", "2 addresses" */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${number(n)} ${n === 1 ? one : many}`;
}

/** "512 B", "3.1 KiB" */
export function bytes(n: number): string {
  if (n < 1024) return `${n} B`;
  if (n < 1024 * 1024) return `${(n / 1024).toFixed(1)} KiB`;
  return `${(n / 1024 / 1024).toFixed(1)} MiB`;
}
