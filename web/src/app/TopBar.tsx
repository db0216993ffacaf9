import {
  Avatar,
  Button,
  Menu,
  MenuDivider,
  MenuItem,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Tooltip,
} from '@fluentui/react-components';
import {
  DarkTheme20Regular,
  Keyboard20Regular,
  Search16Regular,
  Settings20Regular,
  SignOut20Regular,
} from '@fluentui/react-icons';
import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useContext, useSyncExternalStore } from 'react';
import { signOut } from '../api/commands';
import { word } from '../text/words';
import { Keys } from '../ui/badges';
import { useAppearance } from './appearance';
import { LiveContext } from './live';
import { usePolicy } from './session';
import styles from './TopBar.module.css';
import type { Appearance } from './theme';
import { useToast } from './toast';

export function TopBar({ onSearch, onHelp }: { onSearch: () => void; onHelp: () => void }) {
  const { session } = usePolicy();
  return (
    <header className={styles.bar}>
      <Link to="/incidents" search={{}} className={styles.brand}>
        <img src="/clew.svg" alt="" width="22" height="22" />
        <span>Clew</span>
      </Link>
      {session !== undefined && <span className={styles.workspace}>{session.workspace}</span>}
      <button type="button" className={styles.search} onClick={onSearch}>
        <Search16Regular />
        <span className={styles.hint}>Search everything</span>
        <Keys caps={[['Ctrl', 'K']]} />
      </button>
      <Health />
      <ThemeMenu />
      <Tooltip content="Keyboard shortcuts" relationship="label">
        <Button className={styles.help} appearance="subtle" icon={<Keyboard20Regular />} onClick={onHelp} />
      </Tooltip>
      <UserMenu />
    </header>
  );
}

/** Whether changes arrive by themselves. */
function Health() {
  const live = useContext(LiveContext);
  const state = useSyncExternalStore(live.watch, () => live.state);
  const text = {
    live: 'Live: changes appear by themselves',
    connecting: 'Connecting to live updates',
    lost: 'Live updates are interrupted; trying again',
  }[state];
  return (
    <Tooltip content={text} relationship="label">
      <span className={styles.health} role="status" data-state={state}>
        <span className={styles.dot} />
        <span className={styles.healthText}>{{ live: 'Live', connecting: 'Connecting', lost: 'Offline' }[state]}</span>
      </span>
    </Tooltip>
  );
}

function ThemeMenu() {
  const { appearance, choose } = useAppearance();
  return (
    <Menu
      checkedValues={{ theme: [appearance] }}
      onCheckedValueChange={(_, data) => choose((data.checkedItems[0] ?? 'system') as Appearance)}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content="Theme" relationship="label">
          <Button appearance="subtle" icon={<DarkTheme20Regular />} />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItemRadio name="theme" value="system">
            Follow the system
          </MenuItemRadio>
          <MenuItemRadio name="theme" value="light">
            Light
          </MenuItemRadio>
          <MenuItemRadio name="theme" value="dark">
            Dark
          </MenuItemRadio>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}

function UserMenu() {
  const { session } = usePolicy();
  const navigate = useNavigate();
  const client = useQueryClient();
  const toast = useToast();
  const name = session?.user.displayName || session?.user.name || '';
  const leave = async () => {
    try {
      await signOut();
    } catch (error) {
      toast.failed('You are still signed in', error);
      return;
    }
    client.clear();
    await navigate({ to: '/sign-in', search: {} });
  };
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button appearance="subtle" className={styles.user}>
          <span className="visually-hidden">Account of {name}</span>
          <Avatar size={24} name={name} color="colorful" />
        </Button>
      </MenuTrigger>
      <MenuPopover>
        <div className={styles.who}>
          <strong>{name}</strong>
          <span className="quiet">{word('role', session?.user.role ?? '')}</span>
        </div>
        <MenuList>
          <MenuDivider />
          <MenuItem icon={<Settings20Regular />} onClick={() => void navigate({ to: '/settings', search: {} })}>
            Settings and password
          </MenuItem>
          <MenuItem icon={<SignOut20Regular />} onClick={() => void leave()}>
            Sign out
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
