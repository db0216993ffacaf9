import { type EditorState, type Extension, RangeSetBuilder, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView } from '@codemirror/view';
import { queriesOf, queryAt } from './queryAt';

const aside = Decoration.line({ class: 'kql-aside' });

/** Queries that Run would not run stand back when a text holds several. */
function standBack(state: EditorState): DecorationSet {
  const text = state.doc.toString();
  const builder = new RangeSetBuilder<Decoration>();
  if (queriesOf(text).length < 2 || !state.selection.main.empty) return builder.finish();
  const here = queryAt(text, state.selection.main.head);
  for (let n = 1; n <= state.doc.lines; n++) {
    const line = state.doc.line(n);
    if (line.to < here.from || line.from > here.to) builder.add(line.from, line.from, aside);
  }
  return builder.finish();
}

export const present: Extension = StateField.define<DecorationSet>({
  create: standBack,
  update: (set, t) => (t.docChanged || t.selection !== undefined ? standBack(t.state) : set),
  provide: (field) => EditorView.decorations.from(field),
});
