// A text can hold several queries with blank lines between them. A blank line
// does not part what belongs together: a statement that ends in a semicolon and
// what follows it, a pipe that goes on, an open bracket, a comment and its query.

export interface Span {
  from: number;
  to: number;
}

/** All queries of a text, without the blank lines around them. */
export function queriesOf(text: string): Span[] {
  const blocks = blocksOf(text);
  const out: Span[] = [];
  let open = false;
  for (const block of blocks) {
    const last = out.at(-1);
    if (last !== undefined && (open || text.slice(block.from, block.to).trimStart().startsWith('|'))) last.to = block.to;
    else out.push({ ...block });
    const whole = out.at(-1) as Span;
    open = goesOn(text.slice(whole.from, whole.to));
  }
  return out;
}

/** The query that the cursor is in, or the nearest one before it; the whole text when there is none. */
export function queryAt(text: string, at: number): Span {
  const all = queriesOf(text);
  const here = all.findLast((q) => q.from <= at) ?? all[0];
  return here ?? { from: 0, to: text.length };
}

function blocksOf(text: string): Span[] {
  const out: Span[] = [];
  let at = 0;
  let block: Span | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '') block = undefined;
    else if (block === undefined) {
      block = { from: at, to: at + line.length };
      out.push(block);
    } else block.to = at + line.length;
    at += line.length + 1;
  }
  return out;
}

/** Whether a piece of text wants more: an open bracket, text or statement, or nothing but comments. */
function goesOn(text: string): boolean {
  const { depth, last, inside } = scan(text);
  return depth > 0 || inside || last === '' || last === ';' || last === '|' || last === ',' || last === '=';
}

interface Scan {
  depth: number;
  /** The last character that is code. */
  last: string;
  /** The end is within a text of several lines. */
  inside: boolean;
}

const piece = /```|~~~|\/\/[^\n]*|@"(?:[^"]|"")*"?|@'(?:[^']|'')*'?|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|[\s\S]/gy;

function scan(text: string): Scan {
  const out: Scan = { depth: 0, last: '', inside: false };
  piece.lastIndex = 0;
  for (let match = piece.exec(text); match !== null; match = piece.exec(text)) {
    const token = match[0];
    if (token === '```' || token === '~~~') {
      const end = text.indexOf(token, piece.lastIndex);
      if (end < 0) return { ...out, inside: true };
      piece.lastIndex = end + 3;
    }
    if (token.startsWith('//') || token.trim() === '') continue;
    if ('([{'.includes(token)) out.depth++;
    if (')]}'.includes(token)) out.depth = Math.max(0, out.depth - 1);
    out.last = token.charAt(token.length - 1);
  }
  return out;
}
