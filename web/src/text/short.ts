/**
 * The telling part of a name where room is scarce: a host without its domain, an
 * account without its. The whole name is always one hover or click away.
 */
export function shortLabel(kind: string, label: string): string {
  if (kind === 'device') return /^([a-z0-9][a-z0-9_-]*)(\.[a-z0-9_-]+)+$/i.exec(label)?.[1] ?? label;
  if (kind === 'user' || kind === 'mailbox') {
    return /^([^@\\\s]+)@[a-z0-9.-]+$/i.exec(label)?.[1] ?? /^[a-z0-9_-]+\\([^@\\\s]+)$/i.exec(label)?.[1] ?? label;
  }
  return label;
}
