// The checker counts bytes of UTF-8, the editor counts units of UTF-16.

/** Turns positions in one count into the other, for one text. */
export class Offsets {
  /** The byte at which each unit begins, with one more for the end; undefined for plain ASCII. */
  private readonly bytes: Uint32Array | undefined;

  constructor(private readonly text: string) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII is meant
    this.bytes = /^[\x00-\x7f]*$/.test(text) ? undefined : byteStarts(text);
  }

  toBytes(unit: number): number {
    const at = clamp(unit, this.text.length);
    return this.bytes?.[at] ?? at;
  }

  /** A byte within a character gives the character's beginning. */
  toUnits(byte: number): number {
    if (this.bytes === undefined) return clamp(byte, this.text.length);
    let low = 0;
    let high = this.bytes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.bytes[middle] as number) <= byte) low = middle;
      else high = middle - 1;
    }
    // The second half of a pair begins where the pair ends: step to its beginning.
    return low;
  }
}

const clamp = (n: number, max: number): number => Math.min(Math.max(0, n), max);

function byteStarts(text: string): Uint32Array {
  const out = new Uint32Array(text.length + 1);
  let byte = 0;
  for (let i = 0; i < text.length; i++) {
    out[i] = byte;
    const code = text.charCodeAt(i);
    const paired = code >= 0xd800 && code < 0xdc00 && isLow(text.charCodeAt(i + 1));
    if (paired) {
      // Both halves are one character of four bytes.
      byte += 4;
      i++;
      out[i] = byte;
    } else byte += code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
  }
  out[text.length] = byte;
  return out;
}

const isLow = (code: number): boolean => code >= 0xdc00 && code < 0xe000;
