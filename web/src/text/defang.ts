/**
 * Makes a web or mail address harmless to paste and to click: the scheme and
 * the dots of the host are broken up, the rest stays readable.
 */
export function defang(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url);
  if (match === null) return url;
  const [, scheme = '', host = '', rest = ''] = match;
  return `${scheme.replace(/t/gi, (t) => (t === 't' ? 'x' : 'X'))}[://]${defangHost(host)}${rest}`;
}

/** Breaks up the dots of a host name or address. */
export function defangHost(host: string): string {
  return host.replaceAll('.', '[.]');
}

/** How a value of the given kind is shown: links are never live. */
export function shown(kind: string, value: string): string {
  if (kind === 'url') return defang(value);
  if (kind === 'domain') return defangHost(value);
  return value;
}
