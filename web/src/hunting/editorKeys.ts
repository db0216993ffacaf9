import {
  acceptCompletion,
  closeCompletion,
  completionKeymap,
  completionStatus,
  currentCompletions,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { insertNewlineAndIndent } from '@codemirror/commands';
import { type Extension, Prec } from '@codemirror/state';
import { EditorView, type KeyBinding, keymap, ViewPlugin, type ViewUpdate } from '@codemirror/view';

// What is on screen decides what Enter does: it takes the completion in front of
// the list, and makes a line where there is no list or nothing to complete.

/** The longest that a key waits for a list that is being made anew. */
const patience = 400;

const listed = (view: EditorView): boolean => view.dom.querySelector('.cm-tooltip-autocomplete') !== null;

/** Whether taking the completion in front would leave the text as it is. */
function changesNothing(view: EditorView): boolean {
  const option = selectedCompletion(view.state);
  if (option === null || (typeof option.apply === 'string' && option.apply !== option.label)) return false;
  const { head } = view.state.selection.main;
  const { label } = option;
  return view.state.sliceDoc(Math.max(0, head - label.length), head) === label;
}

/** A key that was pressed while the list on screen was being made anew. */
interface Held {
  otherwise: (view: EditorView) => boolean;
  until: number;
}

/** Plays a held key when the list is there, or is gone. */
const holding = ViewPlugin.define((view) => {
  let held: Held | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const play = () => {
    if (held === undefined) return;
    if (currentCompletions(view.state).length === 0 && listed(view) && performance.now() < held.until) {
      timer = setTimeout(play, 15);
      return;
    }
    const { otherwise } = held;
    held = undefined;
    if (!take(view)) otherwise(view);
  };
  return {
    hold(otherwise: Held['otherwise']) {
      if (held !== undefined) return;
      held = { otherwise, until: performance.now() + patience };
      timer = setTimeout(play, 15);
    },
    // What is done meanwhile, such as typing on, makes the key void.
    update(update: ViewUpdate) {
      if (update.transactions.some((t) => t.isUserEvent('input') || t.isUserEvent('select'))) held = undefined;
    },
    destroy: () => clearTimeout(timer),
  };
});

/** Takes the completion in front; false where there is nothing to take. */
function take(view: EditorView): boolean {
  if (currentCompletions(view.state).length === 0) return false;
  if (!changesNothing(view)) return acceptCompletion(view);
  closeCompletion(view);
  return false;
}

/** Enter and Tab: the completion in front, or else what the key does without a list. */
function takeOr(otherwise: (view: EditorView) => boolean) {
  return (view: EditorView): boolean => {
    if (take(view)) return true;
    if (completionStatus(view.state) === 'pending' && listed(view)) {
      view.plugin(holding)?.hold(otherwise);
      return true;
    }
    closeCompletion(view);
    return otherwise(view);
  };
}

const nothing = () => false;

const keys: KeyBinding[] = [
  { key: 'Enter', run: takeOr(insertNewlineAndIndent) },
  { key: 'Tab', run: takeOr(nothing) },
  ...completionKeymap.filter((binding) => binding.key !== 'Enter'),
];

/** The keys of the completion list. */
export const completionKeys: Extension = [holding, Prec.highest(keymap.of(keys))];

/**
 * Text that replaces a selection is put in by the editor and not by the browser:
 * that would give it the colours of what it replaces as an inline style, which
 * the page's content security policy forbids, with a message each time.
 */
export const replacing: Extension = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { main } = view.state.selection;
    const text = event.data;
    if (event.inputType !== 'insertText' || text === null || text === '' || view.composing || main.empty) return false;
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: 'input.type', scrollIntoView: true });
    const taken = view.state.facet(EditorView.inputHandler).some((handler) => handler(view, main.from, main.to, text, insert));
    if (!taken) view.dispatch(insert());
    event.preventDefault();
    return true;
  },
});
