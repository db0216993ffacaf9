import { closeBrackets, closeBracketsKeymap, closeCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching } from '@codemirror/language';
import { lintKeymap } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, Prec } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { useEffect, useImperativeHandle, useRef } from 'react';
import { pageNonce } from '../app/appearance';
import type { Diagnostic } from './contract';
import styles from './Editor.module.css';
import { checking, closeSignature, completion, hovering, signatures } from './editorHelp';
import { highlighting, lookAgain } from './editorHighlight';
import { completionKeys, replacing } from './editorKeys';
import { editorTheme } from './editorTheme';
import type { LanguageService } from './language';
import { present } from './presentQuery';
import { queryAt } from './queryAt';

export interface EditorHandle {
  /** What Run runs: the selection, else the query at the cursor, with its place. */
  chosen: () => { text: string; from: number };
  /** Puts a text where the cursor is, parted from the words around it. */
  insert: (text: string) => void;
  /** Replaces everything as one step that can be undone. */
  replace: (text: string) => void;
  select: (from: number, to: number) => void;
  focus: () => void;
}

interface EditorProps {
  /** The query in front; another one gets an editor of its own. */
  text: string;
  service: LanguageService;
  /** Grows when the language has learnt something: everything is looked at anew. */
  learnt: number;
  onText: (text: string) => void;
  onRun: () => void;
  onFormat: () => void;
  onFound: (found: Diagnostic[]) => void;
  handle: React.Ref<EditorHandle>;
}

/** The text of a query, with all the help that the language gives. */
export function Editor(props: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  const { service, text } = props;
  const first = useRef(text);
  useEffect(() => {
    if (place.current === null) return;
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({ doc: first.current, extensions: extensions(service, () => latest.current) }),
    });
    view.current = made;
    return () => {
      first.current = made.state.doc.toString();
      made.destroy();
      view.current = null;
    };
  }, [service]);
  // A text that came from elsewhere replaces the one on screen; what was typed is here already.
  useEffect(() => {
    const now = view.current;
    if (now !== null && now.state.doc.toString() !== text) replaceAll(now, text);
  }, [text]);
  const { learnt } = props;
  useEffect(() => {
    if (learnt === 0 || view.current === null) return;
    view.current.dispatch({ effects: lookAgain.of(null) });
  }, [learnt]);
  useImperativeHandle(props.handle, () => handleOf(() => view.current), []);
  return <div ref={place} className={styles.editor} />;
}

/** Changes what differs only: the cursor stays where it is. */
function replaceAll(view: EditorView, text: string): void {
  const before = view.state.doc.toString();
  const most = Math.min(before.length, text.length);
  let head = 0;
  while (head < most && before[head] === text[head]) head++;
  let tail = 0;
  while (tail < most - head && before[before.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  view.dispatch({
    changes: { from: head, to: before.length - tail, insert: text.slice(head, text.length - tail) },
    userEvent: 'input.replace',
  });
}

function handleOf(view: () => EditorView | null): EditorHandle {
  return {
    chosen: () => {
      const state = view()?.state;
      if (state === undefined) return { text: '', from: 0 };
      const { main } = state.selection;
      const span = main.empty ? queryAt(state.doc.toString(), main.head) : main;
      return { text: state.sliceDoc(span.from, span.to), from: span.from };
    },
    insert: (text) => {
      const now = view();
      if (now === null) return;
      const { from, to } = now.state.selection.main;
      const before = from > 0 && /\w/.test(now.state.sliceDoc(from - 1, from)) ? ' ' : '';
      now.dispatch({
        changes: { from, to, insert: before + text },
        selection: { anchor: from + before.length + text.length },
        userEvent: 'input.insert',
        scrollIntoView: true,
      });
      now.focus();
    },
    replace: (text) => {
      const now = view();
      if (now !== null && now.state.doc.toString() !== text) replaceAll(now, text);
    },
    select: (from, to) => {
      const now = view();
      if (now === null) return;
      const length = now.state.doc.length;
      now.dispatch({ selection: { anchor: Math.min(from, length), head: Math.min(to, length) }, scrollIntoView: true });
      now.focus();
    },
    focus: () => view()?.focus(),
  };
}

function extensions(service: LanguageService, props: () => EditorProps): Extension {
  const nonce = pageNonce();
  return [
    nonce === undefined ? [] : EditorView.cspNonce.of(nonce),
    EditorView.contentAttributes.of({ 'aria-label': 'Query', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
    EditorState.languageData.of(() => [
      { commentTokens: { line: '//' }, closeBrackets: { brackets: ['(', '[', '{', '"', "'"] } },
    ]),
    Prec.highest(
      keymap.of([
        { key: 'Shift-Enter', run: (view) => runs(view, props().onRun) },
        { key: 'Mod-Enter', run: (view) => runs(view, props().onRun) },
        { key: 'Shift-Alt-f', run: () => done(props().onFormat) },
        { key: 'Escape', run: closeSignature },
      ]),
    ),
    lineNumbers(),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    EditorView.lineWrapping,
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: false }),
    placeholder('DeviceProcessEvents | where Timestamp > ago(1h) | take 100'),
    completion(service),
    completionKeys,
    replacing,
    hovering(service),
    signatures(service),
    checking(service, (found) => props().onFound(found)),
    highlighting(service),
    present,
    EditorView.updateListener.of((update) => {
      if (update.docChanged) props().onText(update.state.doc.toString());
    }),
    keymap.of([...closeBracketsKeymap, ...lintKeymap, ...searchKeymap, ...historyKeymap, ...defaultKeymap]),
    editorTheme,
  ];
}

/** A run looks at the result: the list and the signature leave. */
function runs(view: EditorView, perform: () => void): true {
  closeCompletion(view);
  closeSignature(view);
  perform();
  return true;
}

function done(perform: () => void): true {
  perform();
  return true;
}
