import { type EditorState, type Extension, type Range, StateEffect, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { LanguageService, Token } from './language';

// Colours by the checker's own tokens. They come from a worker a moment after
// the text; until then the old ones move along with what is typed.

/** The language knows more than before: the text is coloured anew. */
export const lookAgain = StateEffect.define<null>();

export const looksAgain = (update: ViewUpdate): boolean =>
  update.transactions.some((t) => t.effects.some((e) => e.is(lookAgain)));

const setTokens = StateEffect.define<Token[]>();

const marks = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(set, transaction) {
    let next = set.map(transaction.changes);
    for (const effect of transaction.effects) if (effect.is(setTokens)) next = decorate(effect.value, transaction.state);
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const known = new Set([
  'keyword',
  'function',
  'table',
  'column',
  'variable',
  'string',
  'number',
  'comment',
  'operator',
  'type',
  'punctuation',
  'invalid',
]);

function decorate(tokens: Token[], state: EditorState): DecorationSet {
  const ranges: Range<Decoration>[] = [];
  let last = 0;
  for (const { start, end, kind } of tokens) {
    if (start < last || end <= start || end > state.doc.length || !known.has(kind)) continue;
    ranges.push(Decoration.mark({ class: `kql-${kind}` }).range(start, end));
    last = end;
  }
  return Decoration.set(ranges);
}

/** Colours the text after every change, the newest only. */
export function highlighting(service: LanguageService): Extension {
  const plugin = ViewPlugin.define((view) => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = () => {
      const asked = view.state.doc;
      void service.tokens(asked.toString()).then(
        (tokens) => {
          if (!gone && view.state.doc.eq(asked)) view.dispatch({ effects: setTokens.of(tokens) });
        },
        () => undefined, // without the language the text is plain
      );
    };
    ask();
    return {
      update(update: ViewUpdate) {
        if (!update.docChanged && !looksAgain(update)) return;
        clearTimeout(timer);
        timer = setTimeout(ask, 40);
      },
      destroy() {
        gone = true;
        clearTimeout(timer);
      },
    };
  });
  return [marks, plugin];
}
