import { Button, Popover, PopoverSurface, PopoverTrigger } from '@fluentui/react-components';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { Incident } from '../api/types';
import { Tags } from '../queue/columns';
import { PriorityFactors } from '../queue/IncidentPane';
import { count } from '../text/count';
import { duration, millis } from '../text/time';
import { Priority, Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { Time } from '../ui/Time';
import styles from './IncidentHeader.module.css';
import type { Draft } from './ManageForm';
import { doneText } from './tasks';

interface IncidentHeaderProps {
  incident: Incident;
  icon: ReactElement;
  blocked: string | undefined;
  onManage: () => void;
  onField: (field: keyof Draft) => void;
}

const scopeWords: [string, string, string][] = [
  ['device', 'device', 'devices'],
  ['user', 'user', 'users'],
  ['mailbox', 'mailbox', 'mailboxes'],
  ['app', 'app', 'apps'],
  ['cloudResource', 'cloud resource', 'cloud resources'],
];

/** "3 devices, 2 users" */
export function scopeText(scope: Record<string, number>): string {
  return scopeWords
    .flatMap(([kind, singular, plural]) => ((scope[kind] ?? 0) > 0 ? [count(scope[kind] ?? 0, singular, plural)] : []))
    .join(', ');
}

export function IncidentHeader({ incident: i, icon, blocked, onManage, onField }: IncidentHeaderProps) {
  const scope = scopeText(i.scope ?? {});
  return (
    <header className={styles.header}>
      <div className={styles.top}>
        <Severity value={i.severity} />
        <h1 className={styles.name}>
          <Foreign value={i.name} max={200} />
        </h1>
        <span className={styles.id}>#{i.id}</span>
        <span className={styles.gap} />
        <button
          type="button"
          className={styles.field}
          disabled={blocked !== undefined}
          title={blocked ?? 'Change the status'}
          onClick={() => onField('status')}
        >
          <Status value={i.status} />
        </button>
        <button
          type="button"
          className={styles.field}
          disabled={blocked !== undefined}
          title={blocked ?? 'Assign'}
          onClick={() => onField('owner')}
        >
          <span className="quiet">Owner</span> {i.owner === '' ? 'nobody' : <Foreign value={i.owner} max={28} />}
        </button>
        <Button size="small" icon={icon} disabledFocusable={blocked !== undefined} title={blocked} onClick={onManage}>
          Manage
        </Button>
      </div>
      <div className={styles.facts}>
        <Popover positioning="below-start" withArrow>
          <PopoverTrigger disableButtonEnhancement>
            <button type="button" className={styles.why}>
              <Priority value={i.priority} /> <span>priority</span> <span className={styles.link}>why?</span>
            </button>
          </PopoverTrigger>
          <PopoverSurface className={styles.factors} aria-label="Why this priority">
            <PriorityFactors incident={i} />
          </PopoverSurface>
        </Popover>
        <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'alerts' }} className={styles.counted}>
          {count(i.tally.alerts, 'alert')}
        </Link>
        {scope !== '' && (
          <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'assets' }} className={styles.counted}>
            {scope}
          </Link>
        )}
        {i.tasks.total > 0 && (
          <Link to="/incidents/$id" params={{ id: String(i.id) }} search={{ tab: 'tasks' }} className={styles.counted}>
            Tasks: {doneText(i.tasks)}
          </Link>
        )}
        <span>
          <Time at={i.firstActivity} /> → <Time at={i.lastActivity} />{' '}
          <span className="quiet">({duration(millis(i.lastActivity) - millis(i.firstActivity))})</span>
        </span>
        <Tags incident={i} max={5} />
      </div>
    </header>
  );
}
