/** Only a path of this portal may follow the sign-in. */
export function safeNext(next: string | undefined): string {
  if (next === undefined || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/incidents';
  return next;
}
