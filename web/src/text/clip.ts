const segments = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * Shortens a long value in its middle, where hashes, paths and addresses say
 * least, without cutting a character in two. The result has at most max
 * characters as a reader counts them; a trailing file name keeps more room.
 */
export function clipMiddle(text: string, max: number): string {
  if (text.length <= max) return text;
  // A hostile value may be megabytes; only its ends matter.
  const room = 32 * max + 512; // one character may be many code units
  const bounded = text.length > 2 * room ? text.slice(0, room) + text.slice(-room) : text;
  const chars = Array.from(segments.segment(bounded), (s) => s.segment);
  if (chars.length <= max && bounded === text) return text;
  if (max <= 1) return '…';
  const head = Math.ceil((max - 1) / 2);
  const tail = max - 1 - head;
  return `${chars.slice(0, head).join('')}…${tail > 0 ? chars.slice(-tail).join('') : ''}`;
}
