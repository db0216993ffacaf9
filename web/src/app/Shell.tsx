import { mergeClasses, Spinner, Toaster, Tooltip } from '@fluentui/react-components';
import {
  Alert20Regular,
  DatabaseArrowDown20Regular,
  type FluentIcon,
  History20Regular,
  Laptop20Regular,
  SearchSquare20Regular,
  Settings20Regular,
  ShieldError20Regular,
} from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { Suspense, useEffect, useState } from 'react';
import { CommandBar } from '../actions/CommandBar';
import { HelpDialog } from '../actions/HelpDialog';
import { useActions } from '../actions/registry';
import { usePhone } from '../ui/media';
import { NowProvider } from '../ui/Time';
import { useAppearance } from './appearance';
import { preloadPages } from './lazyPage';
import { Live, LiveContext, refreshRecords } from './live';
import styles from './Shell.module.css';
import { TopBar } from './TopBar';
import { toasterId } from './toast';

interface Place {
  to: '/incidents' | '/alerts' | '/hunting' | '/assets' | '/sources' | '/backtests' | '/settings';
  name: string;
  /** For the bar of a phone. */
  short?: string;
  icon: FluentIcon;
  keys: string;
}

const places: Place[] = [
  { to: '/incidents', name: 'Incidents', icon: ShieldError20Regular, keys: 'g i' },
  { to: '/alerts', name: 'Alerts', icon: Alert20Regular, keys: 'g a' },
  { to: '/hunting', name: 'Hunting', icon: SearchSquare20Regular, keys: 'g h' },
  { to: '/assets', name: 'Assets', icon: Laptop20Regular, keys: 'g e' },
  { to: '/sources', name: 'Data sources', short: 'Sources', icon: DatabaseArrowDown20Regular, keys: 'g d' },
  { to: '/backtests', name: 'Time machine', short: 'Time', icon: History20Regular, keys: 'g t' },
  { to: '/settings', name: 'Settings', icon: Settings20Regular, keys: 'g s' },
];

/** Top bar, navigation and the page between them. */
export function Shell() {
  const [live] = useState(() => new Live());
  const [commands, setCommands] = useState(false);
  const [help, setHelp] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  const { appearance, dark, choose } = useAppearance();

  useEffect(() => live.open(), [live]);
  useEffect(() => {
    const quiet = setTimeout(preloadPages, 1_500);
    return () => clearTimeout(quiet);
  }, []);
  useEffect(() => live.listen((change) => refreshRecords(client, change)), [live, client]);
  const offered = places;

  useActions([
    ...offered.map((place) => ({
      id: `go${place.to}`,
      name: `Go to ${place.name}`,
      section: 'Go to' as const,
      keys: place.keys,
      icon: place.icon,
      perform: () => void navigate({ to: place.to, search: {} }),
    })),
    {
      id: 'commands',
      name: 'Search everything',
      section: 'Portal',
      keys: 'Mod+k',
      quiet: true,
      perform: () => setCommands(true),
    },
    { id: 'help', name: 'Show keyboard shortcuts', section: 'Portal', keys: '?', perform: () => setHelp(true) },
    {
      id: 'theme',
      name: dark ? 'Use the light theme' : 'Use the dark theme',
      section: 'Portal',
      keys: 't',
      perform: () => choose(dark ? 'light' : 'dark'),
    },
    ...(appearance === 'system'
      ? []
      : [
          {
            id: 'theme.system',
            name: 'Follow the system’s theme',
            section: 'Portal' as const,
            perform: () => choose('system'),
          },
        ]),
  ]);

  return (
    <NowProvider>
      <LiveContext.Provider value={live}>
        <div className={styles.shell}>
          <a href="#page" className={styles.skip}>
            Skip to the page
          </a>
          <TopBar onSearch={() => setCommands(true)} onHelp={() => setHelp(true)} />
          <Nav places={offered} />
          <main id="page" className={styles.page} tabIndex={-1}>
            <Suspense fallback={<Spinner className={styles.spinner} label="Loading" />}>
              <Outlet />
            </Suspense>
          </main>
        </div>
        {commands && <CommandBar onClose={() => setCommands(false)} />}
        {help && <HelpDialog onClose={() => setHelp(false)} />}
        <Toaster toasterId={toasterId} position="bottom-end" />
      </LiveContext.Provider>
    </NowProvider>
  );
}

function Nav({ places: offered }: { places: Place[] }) {
  const phone = usePhone();
  const path = useRouterState({ select: (s) => s.location.pathname });
  return (
    <nav className={styles.nav} aria-label="Main">
      <ul>
        {offered.map(({ to, name, short, icon: Icon }) => {
          const here = path === to || path.startsWith(`${to}/`) || (to === '/assets' && path.startsWith('/entities/'));
          return (
            <li key={to}>
              <Tooltip content={name} relationship="label" positioning="after" showDelay={500}>
                <Link
                  to={to}
                  search={{}}
                  className={mergeClasses(styles.place, here && styles.here)}
                  aria-current={here ? 'page' : undefined}
                >
                  <Icon aria-hidden="true" />
                  <span className={styles.placeName}>{phone ? (short ?? name) : name}</span>
                </Link>
              </Tooltip>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
