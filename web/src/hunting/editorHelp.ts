import { autocompletion, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete';
import { type Diagnostic as Lint, linter } from '@codemirror/lint';
import { type Extension, StateEffect, StateField } from '@codemirror/state';
import { type EditorView, hoverTooltip, showTooltip, type Tooltip, ViewPlugin, type ViewUpdate } from '@codemirror/view';
import type { Diagnostic } from './contract';
import { looksAgain } from './editorHighlight';
import type { LanguageService, Signature } from './language';

// Completion, hover, signatures and errors, each asked of the language service.
// All texts enter the page as text, never as markup.

export function completion(service: LanguageService): Extension {
  return autocompletion({
    activateOnTyping: true,
    defaultKeymap: false,
    interactionDelay: 0,
    maxRenderedOptions: 80,
    override: [(context) => complete(service, context)],
  });
}

async function complete(service: LanguageService, context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/\b[A-Za-z_$][\w$]*|[|(,]\s*|\w\s+/);
  if (!context.explicit && (word === null || context.view?.hasFocus === false)) return null;
  const found = await service.complete(context.state.doc.toString(), context.pos).catch(() => undefined);
  if (found === undefined || found.items.length === 0) return null;
  return {
    from: found.from,
    to: Math.max(found.to, context.pos),
    validFor: /^[\w$]*$/,
    options: found.items.map((item, at) => ({
      label: item.label,
      type: item.kind,
      detail: item.detail,
      ...(item.insert === '' || item.insert === item.label ? {} : { apply: item.insert }),
      ...(item.info === '' ? {} : { info: () => textNode(item.info) }),
      // The service knows the order; the filter may change it only by how well a word fits.
      boost: Math.max(-99, 40 - at),
    })),
  };
}

function textNode(text: string): HTMLElement {
  const node = document.createElement('div');
  node.textContent = text;
  return node;
}

export function hovering(service: LanguageService): Extension {
  return hoverTooltip(async (view, at) => {
    const found = await service.hover(view.state.doc.toString(), at).catch(() => undefined);
    if (found === undefined) return null;
    return {
      pos: found.start,
      end: found.end,
      above: true,
      create: () => ({ dom: card('kql-hover', found.title, found.text) }),
    };
  });
}

function card(name: string, title: string, text: string): HTMLElement {
  const dom = document.createElement('div');
  dom.className = name;
  const head = document.createElement('div');
  head.className = 'kql-title';
  head.textContent = title;
  dom.append(head);
  if (text !== '') dom.append(textNode(text));
  return dom;
}

/** Underlines the checker's findings and offers its corrections. */
export function checking(service: LanguageService, onFound: (found: Diagnostic[]) => void): Extension {
  return linter(
    async (view) => {
      const text = view.state.doc.toString();
      const found = text.trim() === '' ? [] : await service.check(text).catch(() => [] as Diagnostic[]);
      if (view.state.doc.toString() === text) onFound(found);
      return found.map((d) => lintOf(d, view.state.doc.length));
    },
    { delay: 250, needsRefresh: looksAgain },
  );
}

function lintOf(d: Diagnostic, length: number): Lint {
  const from = Math.min(d.start, length);
  return {
    from,
    to: Math.min(Math.max(d.end, from), length),
    severity: d.severity,
    message: d.message,
    actions: d.fixes.map((fix) => ({
      name: fix.title,
      apply: (view) => view.dispatch({ changes: { from: fix.start, to: fix.end, insert: fix.text }, userEvent: 'input.fix' }),
    })),
  };
}

const setSignature = StateEffect.define<{ at: number; signature: Signature } | undefined>();

const signatureTip = StateField.define<Tooltip | null>({
  create: () => null,
  update(tip, transaction) {
    for (const effect of transaction.effects) if (effect.is(setSignature)) return tipOf(effect.value);
    return tip !== null && transaction.docChanged ? { ...tip, pos: transaction.changes.mapPos(tip.pos) } : tip;
  },
  provide: (field) => showTooltip.from(field),
});

function tipOf(value: { at: number; signature: Signature } | undefined): Tooltip | null {
  if (value === undefined) return null;
  return { pos: value.at, above: true, create: () => ({ dom: signatureDom(value.signature) }) };
}

/** The signature with the parameter at hand in bold. */
function signatureDom(signature: Signature): HTMLElement {
  const dom = card('kql-signature', '', signature.text);
  const head = dom.firstChild as HTMLElement;
  const active = signature.parameters[signature.active];
  const at = active === undefined ? -1 : signature.label.indexOf(active, signature.label.indexOf('('));
  if (active === undefined || at < 0) {
    head.textContent = signature.label;
    return dom;
  }
  const strong = document.createElement('strong');
  strong.textContent = active;
  head.append(signature.label.slice(0, at), strong, signature.label.slice(at + active.length));
  return dom;
}

/** Shows the signature of the call that the cursor is in. */
export function signatures(service: LanguageService): Extension {
  const plugin = ViewPlugin.define((view) => {
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const { state } = view;
      const at = state.selection.main.head;
      const inside = view.hasFocus && state.selection.main.empty;
      const signature = inside ? await service.signature(state.doc.toString(), at).catch(() => undefined) : undefined;
      // Colours and findings may have come meanwhile; only another place or text makes the answer void.
      if (gone || !view.state.doc.eq(state.doc) || !view.state.selection.eq(state.selection)) return;
      if (signature === undefined && view.state.field(signatureTip) === null) return;
      view.dispatch({ effects: setSignature.of(signature === undefined ? undefined : { at, signature }) });
    };
    return {
      update(update: ViewUpdate) {
        if (!update.docChanged && !update.selectionSet && !update.focusChanged) return;
        clearTimeout(timer);
        timer = setTimeout(() => void ask(), 120);
      },
      destroy() {
        gone = true;
        clearTimeout(timer);
      },
    };
  });
  return [signatureTip, plugin];
}

/** Closes the signature; whether there was one. */
export function closeSignature(view: EditorView): boolean {
  if (view.state.field(signatureTip, false) == null) return false;
  view.dispatch({ effects: setSignature.of(undefined) });
  return true;
}
