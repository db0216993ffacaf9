// Attackers write much of what the portal shows. This file finds the characters
// that a reader would not see or that would change how the rest is shown, so
// that they are drawn as marks.

export interface Piece {
  text: string;
  /** Set for a hidden character: its code point, such as "U+202E". */
  mark?: string;
}

// Controls, format characters (bidirectional, zero-width, tags), line
// separators, variation selectors, fillers, private use, lone surrogates.
// biome-ignore lint/suspicious/noMisleadingCharacterClass: each text is tested one character at a time
const hidden = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u034f\u115f\u1160\u3164\uffa0\ufe00-\ufe0f\u{e0100}-\u{e01ef}]/u;

/** Splits a text into what can be shown as it is and marks for what cannot. */
export function pieces(text: string): Piece[] {
  const out: Piece[] = [];
  let plain = '';
  for (const c of text) {
    if (!hidden.test(c)) {
      plain += c;
      continue;
    }
    if (plain !== '') out.push({ text: plain });
    plain = '';
    out.push({ text: c, mark: markOf(c) });
  }
  if (plain !== '' || out.length === 0) out.push({ text: plain });
  return out;
}

function markOf(c: string): string {
  const code = c.codePointAt(0) ?? 0;
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** The text with each hidden character replaced by its name in brackets. */
export function visible(text: string): string {
  if (!hidden.test(text)) return text;
  return pieces(text)
    .map((p) => (p.mark === undefined ? p.text : `[${p.mark}]`))
    .join('');
}

/** Like visible, for several lines: keeps line breaks and tabs. */
export function visibleLines(text: string): string {
  return text
    .split(/\r\n|\n/)
    .map((line) => line.split('\t').map(visible).join('\t'))
    .join('\n');
}
