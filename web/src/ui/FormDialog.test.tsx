import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { Problem } from '../api/client';
import { DialogForm, type FormDialogProps, sendable } from './FormDialog';

const nothing = () => undefined;

function markup(props: Partial<FormDialogProps>): string {
  return renderToStaticMarkup(
    <DialogForm title="Delete Door_CL?" submit="Delete" onSubmit={nothing} onClose={nothing} {...props}>
      <p>Its rows are gone then.</p>
    </DialogForm>,
  );
}

/** The opening tag of the button that says this. */
function button(html: string, says: string): string {
  return html.match(new RegExp(`<button[^>]*>(?=${says}</button>)`))?.[0] ?? '';
}

describe('what can be sent', () => {
  const idle = { isPending: false, error: null };
  it('is what is filled in, allowed, and not on its way', () =>
    expect([{}, { ready: true, request: idle }, { request: { ...idle, error: new Error('no') } }].map(sendable)).toEqual([
      true,
      true,
      true,
    ]));
  it('is nothing else', () =>
    expect(
      [{ ready: false }, { blocked: 'Viewers change nothing.' }, { request: { isPending: true, error: null } }].map(sendable),
    ).toEqual([false, false, false]));
});

describe('the form of a dialog', () => {
  it('shows its title, its fields, and two buttons, of which the first sends', () => {
    const html = markup({});
    expect(html).toMatch(/<h2[^>]*>Delete Door_CL\?<\/h2>/);
    expect(html).toContain('Its rows are gone then.');
    expect(button(html, 'Delete')).toContain('type="submit"');
    expect(button(html, 'Delete')).not.toContain('aria-disabled');
    expect(button(html, 'Cancel')).toContain('type="button"');
    expect(html).not.toContain('role="alert"');
  });

  it('keeps the button focusable while nothing can be sent, and says why', () => {
    const sending = button(markup({ blocked: 'Viewers change nothing.' }), 'Delete');
    expect(sending).toContain('aria-disabled="true"');
    expect(sending).toContain('title="Viewers change nothing."');
    expect(sending).not.toMatch(/ disabled(=|>| )/);
  });

  it('is busy while it is on its way, and hides what an earlier try met', () => {
    const html = markup({ request: { isPending: true, error: new Error('earlier') } });
    expect(html).toMatch(/<form[^>]* aria-busy="true"/);
    expect(button(html, 'Delete')).toContain('aria-disabled="true"');
    expect(html).not.toContain('role="alert"');
  });

  it('tells what was refused and what helps, as text', () => {
    const refused = new Problem(409, 'Refused', 'Another <b>name</b> is taken.', 'Choose another one.');
    const html = markup({ request: { isPending: false, error: refused } });
    expect(html).toMatch(/<p role="alert"[^>]*>Another &lt;b&gt;name&lt;\/b&gt; is taken\. Choose another one\.<\/p>/);
    expect(html).toMatch(/<form[^>]* aria-busy="false"/);
    expect(button(html, 'Delete')).not.toContain('aria-disabled');
  });

  it('says something of what nobody expected too', () =>
    expect(markup({ request: { isPending: false, error: new TypeError('x is undefined') } })).toMatch(
      /role="alert"[^>]*>Something unexpected happened in the portal\./,
    ));

  it('starts at the way out when it can’t be undone', () => {
    const html = markup({ irreversible: true });
    expect(button(html, 'Cancel')).toContain('data-first-focus');
    expect(button(html, 'Delete')).not.toContain('data-first-focus');
    expect(button(markup({}), 'Delete')).toContain('data-first-focus');
  });

  it('names its buttons as asked, further ones between the two', () => {
    const html = markup({ cancel: 'Close', actions: <button type="button">Use the default</button> });
    expect(html).toMatch(/>Delete<\/button>.*>Use the default<\/button>.*>Close<\/button>/);
  });
});
