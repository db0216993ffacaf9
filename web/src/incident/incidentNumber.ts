/** Reads "#12" and "12". */
export function incidentNumber(text: string): number | undefined {
  const match = /^\s*#?(\d{1,15})\s*$/.exec(text);
  const id = Number(match?.[1] ?? 0);
  return id > 0 ? id : undefined;
}
