import { Button } from '@fluentui/react-components';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alertQuery } from '../api/queries';
import type { AlertDetail, JsonObject } from '../api/types';
import { word } from '../text/words';
import { Severity, Status } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { SidePane } from '../ui/SidePane';
import { Answered, Facts, Section } from '../ui/states';
import { Time } from '../ui/Time';
import { EntityLines } from './EntityLines';
import { LinkPanel } from './LinkPanel';
import styles from './Pane.module.css';

interface AlertPaneProps {
  id: string;
  over: boolean;
  onClose: () => void;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
  onEntity?: ((id: number) => void) | undefined;
}

/** The selected alert: what happened, why it is here, what it mentions. */
export function AlertPane({ id, over, onClose, onPrevious, onNext, onEntity }: AlertPaneProps) {
  const query = useQuery(alertQuery(id));
  return (
    <SidePane
      label="Alert"
      title="Alert"
      over={over}
      onClose={onClose}
      onPrevious={onPrevious}
      onNext={onNext}
      actions={
        <Link to="/alerts/$id" params={{ id }} search={{}}>
          <Button size="small" appearance="primary" tabIndex={-1}>
            Open alert page
          </Button>
        </Link>
      }
    >
      <Answered query={query} what="alert">
        {(detail) => <AlertBody detail={detail} onEntity={onEntity} />}
      </Answered>
    </SidePane>
  );
}

/** The alert as Graph JSON; nothing is known of it but that it is an object. */
export function normalForm(detail: AlertDetail): JsonObject {
  const value = detail.alert;
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

export function textOf(detail: AlertDetail, field: string): string {
  const value = normalForm(detail)[field];
  return typeof value === 'string' ? value : '';
}

function AlertBody({ detail, onEntity }: { detail: AlertDetail; onEntity?: ((id: number) => void) | undefined }) {
  const { row } = detail;
  const description = textOf(detail, 'description');
  const advice = textOf(detail, 'recommendedActions');
  return (
    <>
      <div className={styles.head}>
        <h2>
          <Foreign value={row.title} max={300} />
        </h2>
        <div className={styles.line}>
          <Severity value={row.severity} />
          <Status value={row.status} />
        </div>
      </div>
      {description !== '' && (
        <Section title="What happened">
          <p className={styles.prose}>
            <Foreign value={description} max={2_000} />
          </p>
        </Section>
      )}
      <Section title="Why it is in this incident">
        <LinkPanel link={row.link ?? { score: 0 }} why={row.why} />
      </Section>
      <Section title={`Evidence (${detail.entities?.length ?? 0})`}>
        <EntityLines entities={detail.entities ?? []} onEntity={onEntity} />
      </Section>
      <Section title="Details">
        <Facts
          rows={[
            ['First activity', <Time key="f" at={row.firstActivity} />],
            ['Last activity', <Time key="l" at={row.lastActivity} />],
            ['Received', <Time key="r" at={row.received} />],
            ['Category', word('tactic', row.category) || '–'],
            ['Techniques', (row.techniques ?? []).join(', ') || '–'],
            ['Product', <Foreign key="p" value={row.product || '–'} max={60} />],
            ['Detection', word('source', row.detectionSource) || '–'],
          ]}
        />
      </Section>
      {advice !== '' && (
        <Section title="Recommended actions">
          <p className={styles.prose}>
            <Foreign value={advice} max={2_000} />
          </p>
        </Section>
      )}
    </>
  );
}
