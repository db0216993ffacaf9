import { Button, SearchBox, Select } from '@fluentui/react-components';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { rulesQuery } from '../api/queries';
import type { CorrelationSettings, RuleRow } from '../api/types';
import { one } from '../app/search';
import { count, number } from '../text/count';
import { isSet } from '../text/time';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { More } from '../ui/More';
import { Answered, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import type { Change } from './CorrelationSection';
import styles from './CorrelationSection.module.css';
import { groupingWords } from './correlation';
import { GroupingDialog } from './GroupingDialog';

const by = { rule: 'set for this rule', tag: 'by a tag in its description', default: 'by default' };

/** Every rule that raised alerts, whether it correlates, and its grouping when not. */
export function RulesSection({ settings, change }: { settings: CorrelationSettings; change: Change }) {
  const search = useSearch({ from: '/inside/settings' });
  const navigate = useNavigate();
  const effective = one(search.effective) ?? '';
  const q = one(search.q) ?? '';
  const filter = (next: { effective?: string; q?: string }) =>
    void navigate({
      to: '/settings',
      search: { tab: 'correlation', ...(effective && { effective }), ...(q && { q }), ...next },
      replace: true,
    });
  const query = useInfiniteQuery({
    ...rulesQuery({ ...(effective === '' ? {} : { effective }), ...(q === '' ? {} : { q }) }),
    placeholderData: (before) => before,
  });
  const [grouped, setGrouped] = useState<RuleRow | undefined>(undefined);
  const columns: Column<RuleRow>[] = [
    {
      id: 'rule',
      name: 'Rule',
      width: '',
      render: (r) => <Name rule={r} />,
    },
    { id: 'alerts', name: 'Alerts', width: '80px', end: true, render: (r) => number(r.alerts) },
    { id: 'incidents', name: 'Incidents', width: '86px', end: true, render: (r) => number(r.incidents) },
    {
      id: 'last',
      name: 'Last seen',
      width: '100px',
      render: (r) => (isSet(r.lastSeen) ? <Time at={r.lastSeen} as="ago" /> : 'never'),
    },
    { id: 'state', name: 'Correlation', width: '190px', render: (r) => <State rule={r} change={change} /> },
    {
      id: 'grouping',
      name: 'Grouping while excluded',
      width: '220px',
      render: (r) => <GroupingButton rule={r} onOpen={setGrouped} />,
    },
  ];
  return (
    <Section title="Rules">
      <div className={styles.bar} role="search" aria-label="Filter the rules">
        <SearchBox
          size="small"
          placeholder="Search"
          aria-label="Search the rules"
          value={q}
          onChange={(_, d) => filter({ q: d.value })}
        />
        <Select size="small" aria-label="Correlation state" value={effective} onChange={(_, d) => filter({ effective: d.value })}>
          <option value="">Every rule</option>
          <option value="enabled">Correlated</option>
          <option value="disabled">Excluded</option>
        </Select>
      </div>
      <Answered
        query={query}
        what="rules"
        isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
        empty={
          <p className="quiet">
            No rule fits the filter. Rules appear here with their first alert; see <Link to="/sources">data sources</Link>.
          </p>
        }
      >
        {(data) => (
          <>
            <Table
              label="Rules"
              columns={columns}
              rows={data.pages.flatMap((p) => p.items)}
              idOf={(r) => r.rule}
              card={(r) => (
                <span className={styles.card}>
                  <Name rule={r} />
                  <span className="quiet">
                    {count(r.alerts, 'alert')}, {count(r.incidents, 'incident')}, last seen{' '}
                    {isSet(r.lastSeen) ? <Time at={r.lastSeen} as="ago" /> : 'never'}
                  </span>
                  <State rule={r} change={change} />
                  <span>
                    <span className="quiet">While excluded:</span> <GroupingButton rule={r} onOpen={setGrouped} />
                  </span>
                </span>
              )}
            />
            <More query={query} />
          </>
        )}
      </Answered>
      {grouped !== undefined && (
        <GroupingDialog
          rule={grouped}
          state={settings.rules.find((r) => r.rule === grouped.rule)?.state ?? 'default'}
          change={change}
          onClose={() => setGrouped(undefined)}
        />
      )}
    </Section>
  );
}

function Name({ rule: r }: { rule: RuleRow }) {
  return (
    <span className={styles.rule}>
      <Foreign value={r.title || r.rule} max={80} />
      {r.title !== r.rule && (
        <span className="quiet">
          <Foreign value={r.rule} max={60} />
        </span>
      )}
    </span>
  );
}

function GroupingButton({ rule: r, onOpen }: { rule: RuleRow; onOpen: (rule: RuleRow) => void }) {
  const words = groupingWords(r.grouping);
  return (
    <Button
      size="small"
      appearance="subtle"
      className={styles.grouping}
      aria-label={`Grouping of ${r.rule}: ${words}`}
      onClick={() => onOpen(r)}
    >
      {words}
    </Button>
  );
}

function State({ rule: r, change }: { rule: RuleRow; change: Change }) {
  return (
    <span className={styles.state}>
      <Select
        size="small"
        aria-label={`Correlation of ${r.rule}`}
        value={r.state}
        disabled={change.blocked !== undefined}
        onChange={(_, d) =>
          change.rule({
            rule: r.rule,
            state: d.value as RuleRow['state'],
            ...(r.ownGrouping ? { grouping: r.grouping } : {}),
          })
        }
      >
        <option value="default">Default</option>
        <option value="enabled">Enabled</option>
        <option value="disabled">Disabled</option>
      </Select>
      <span className="quiet">
        {r.effective === 'disabled' ? 'excluded' : 'correlated'}, {by[r.by]}
      </span>
    </span>
  );
}
