import type { FluentIcon } from '@fluentui/react-icons';

/**
 * Something a person can do, declared once: buttons, menus, shortcuts, the
 * command bar and the help page all read the same list. The server decides
 * again whether it is allowed.
 */
export interface Action {
  id: string;
  name: string;
  section: 'Go to' | 'Incidents' | 'Alerts' | 'Hunting' | 'List' | 'Story' | 'Portal';
  /** Keys as typed, a sequence parted by spaces: "g i", "s", "?", "Mod+k". */
  keys?: string;
  icon?: FluentIcon;
  /** Why it can't be done now; it is shown, but does nothing. */
  blocked?: string | undefined;
  /** Not listed in the command bar (cursor movements). */
  quiet?: boolean;
  perform: () => void;
}
