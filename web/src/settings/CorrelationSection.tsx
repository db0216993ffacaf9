import { Button, Radio, RadioGroup } from '@fluentui/react-components';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { patchRule, putCorrelation, restoreCorrelation } from '../api/commands';
import { correlationHistoryQuery, correlationQuery } from '../api/queries';
import type { CorrelationSettings, CorrelationVersion, RuleControl, SettingsVersion } from '../api/types';
import { usePolicy } from '../app/session';
import { useToast } from '../app/toast';
import { isSet } from '../text/time';
import { Foreign } from '../ui/Foreign';
import { More } from '../ui/More';
import { Answered, Section } from '../ui/states';
import { Time } from '../ui/Time';
import { AssetsSection } from './AssetsSection';
import styles from './CorrelationSection.module.css';
import { ExclusionsSection } from './ExclusionsSection';
import { RulesSection } from './RulesSection';

/** A change of the settings on the version that is shown, with its way back. */
export interface Change {
  settings: (next: CorrelationSettings, done?: () => void) => void;
  rule: (rule: RuleControl) => void;
  restore: (to: number) => void;
  error: unknown;
  blocked: string | undefined;
}

function useChange(now: CorrelationVersion): Change {
  const client = useQueryClient();
  const toast = useToast();
  const { admin } = usePolicy();
  const change = useMutation({
    mutationFn: (make: (version: number) => Promise<CorrelationVersion>) => make(now.version),
    onSuccess: (made) => {
      client.setQueryData(correlationQuery.queryKey, made);
      if (made.version === now.version) return;
      toast.undoable('The correlation settings are changed', () =>
        change.mutate(() => restoreCorrelation(now.version, made.version, 'Taken back')),
      );
    },
    onError: (error) => toast.failed('The settings were not changed', error),
    onSettled: () => {
      for (const key of ['correlation', 'models', 'incidents', 'incident']) void client.invalidateQueries({ queryKey: [key] });
    },
  });
  return {
    settings: (next, done) => change.mutate((version) => putCorrelation(next, version, ''), { onSuccess: () => done?.() }),
    rule: (rule) => change.mutate((version) => patchRule(rule, version, '')),
    restore: (to) => change.mutate((version) => restoreCorrelation(to, version, '')),
    error: change.error,
    blocked: admin ? (change.isPending ? 'One moment' : undefined) : 'Only administrators change these settings',
  };
}

/** Controls over correlation: rules, entities, assets, and every earlier version. */
export function CorrelationSection() {
  const query = useQuery(correlationQuery);
  return (
    <Answered query={query} what="correlation settings" rows={10}>
      {(now) => <Loaded now={now} />}
    </Answered>
  );
}

function Loaded({ now }: { now: CorrelationVersion }) {
  const change = useChange(now);
  const { settings } = now;
  return (
    <>
      <Section title="Correlation of rules" aside={<Stamp version={now} />}>
        <p className="quiet">
          What is set here holds for alerts that come from now on. Alerts that are here already keep the state they came with.
        </p>
        <RadioGroup
          value={settings.default === 'disabled' ? 'disabled' : 'enabled'}
          disabled={change.blocked !== undefined}
          aria-label="Default for all rules"
          onChange={(_, d) => change.settings({ ...settings, default: d.value as 'enabled' | 'disabled' })}
        >
          <Radio value="enabled" label="Correlate every rule that is not excluded" />
          <Radio value="disabled" label="Correlate only rules that are enabled, by a setting or by the tag #INC_CORR#" />
        </RadioGroup>
      </Section>
      <RulesSection settings={settings} change={change} />
      <ExclusionsSection settings={settings} change={change} />
      <AssetsSection settings={settings} change={change} />
      <History now={now} change={change} />
    </>
  );
}

function Stamp({ version: v, named = true }: { version: SettingsVersion; named?: boolean }) {
  if (v.version === 0) return <span className="quiet">as installed</span>;
  return (
    <span className="quiet">
      {named && `version ${v.version} `}
      {isSet(v.at) && (
        <>
          by <Foreign value={v.actor?.name ?? ''} max={30} />, <Time at={v.at} as="ago" />
        </>
      )}
    </span>
  );
}

function History({ now, change }: { now: CorrelationVersion; change: Change }) {
  const query = useInfiniteQuery(correlationHistoryQuery);
  return (
    <Section title="Versions of these settings">
      <Answered
        query={query}
        what="versions"
        rows={3}
        isEmpty={(d) => d.pages.every((p) => p.items.length === 0)}
        empty={<p className="quiet">Nothing was changed yet.</p>}
      >
        {(data) => (
          <>
            <ol className={styles.history} aria-label="Versions of the settings">
              {data.pages
                .flatMap((p) => p.items)
                .map((v) => (
                  <Version key={v.version} version={v} now={now.version} change={change} />
                ))}
            </ol>
            <More query={query} />
            {now.version > 0 && (
              <div>
                <Button
                  size="small"
                  disabledFocusable={change.blocked !== undefined}
                  title={change.blocked}
                  onClick={() => change.restore(0)}
                >
                  Back to the settings as installed
                </Button>
              </div>
            )}
          </>
        )}
      </Answered>
    </Section>
  );
}

function Version({ version: v, now, change }: { version: SettingsVersion; now: number; change: Change }) {
  return (
    <li className={styles.version}>
      <div className={styles.line}>
        <strong>Version {v.version}</strong>
        <Stamp version={v} named={false} />
        {v.restored !== undefined && v.restored > 0 && <span className="quiet">put version {v.restored} back</span>}
        <span className={styles.gap} />
        {v.version === now ? (
          <span className="quiet">holds now</span>
        ) : (
          <Button
            size="small"
            appearance="subtle"
            disabledFocusable={change.blocked !== undefined}
            title={change.blocked}
            aria-label={`Restore version ${v.version}`}
            onClick={() => change.restore(v.version)}
          >
            Restore
          </Button>
        )}
      </div>
      <ul className={styles.changes}>
        {v.changes.map((c) => (
          <li key={c.rule ?? c.what}>
            <Foreign value={c.what} max={120} />
            {c.rule !== undefined && !c.what.endsWith(c.rule) && (
              <span className="quiet">
                {' '}
                <Foreign value={c.rule} max={60} />
              </span>
            )}
            {c.before !== undefined && (
              <>
                {' '}
                <s className="quiet">
                  <Foreign value={c.before} max={120} />
                </s>
              </>
            )}
            {c.after !== undefined && (
              <>
                {' → '}
                <Foreign value={c.after} max={120} />
              </>
            )}
          </li>
        ))}
      </ul>
      {v.reason !== undefined && v.reason !== '' && (
        <p className="quiet">
          <Foreign value={v.reason} max={300} />
        </p>
      )}
    </li>
  );
}
