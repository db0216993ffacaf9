// Which action a row of key presses means. Pure: the clock is handed in.

export interface Press {
  key: string;
  ctrl: boolean;
  shift: boolean;
  alt: boolean;
}

export interface Pending {
  typed: string;
  at: number;
}

export const nothing: Pending = { typed: '', at: 0 };

/** How long the second key of a sequence may take. */
const patience = 1_200;

/** The name of a press as actions write it; empty for a lone modifier. */
export function nameOf(press: Press): string {
  if (['Control', 'Shift', 'Alt', 'Meta'].includes(press.key)) return '';
  const key = press.key === ' ' ? 'Space' : press.key.length === 1 && press.ctrl ? press.key.toLowerCase() : press.key;
  // Shift is part of a printable character ("?"), it counts for named keys only.
  const shift = press.shift && press.key.length > 1 ? 'Shift+' : '';
  return `${press.ctrl ? 'Mod+' : ''}${press.alt ? 'Alt+' : ''}${shift}${key}`;
}

export interface Match<T> {
  action?: T;
  pending: Pending;
}

/**
 * Adds a press to what was typed before. A sequence that no longer fits starts
 * over with the press alone, so that "g x i" never means "g i".
 */
export function match<T extends { keys?: string }>(actions: T[], pending: Pending, press: Press, now: number): Match<T> {
  const name = nameOf(press);
  if (name === '') return { pending };
  const before = now - pending.at <= patience ? pending.typed : '';
  for (const typed of before === '' ? [name] : [`${before} ${name}`, name]) {
    const action = actions.find((a) => a.keys === typed);
    if (action !== undefined) return { action, pending: nothing };
    if (actions.some((a) => a.keys?.startsWith(`${typed} `))) return { pending: { typed, at: now } };
  }
  return { pending: nothing };
}

/** The keys of an action as caps: "Mod+k" gives [["Ctrl", "K"]]. */
export function caps(keys: string): string[][] {
  return keys.split(' ').map((press) =>
    press.split('+').map((part) => {
      if (part === 'Mod') return 'Ctrl';
      if (part === 'Escape') return 'Esc';
      if (part.startsWith('Arrow')) return { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' }[part] ?? part;
      return part;
    }),
  );
}
