import { Button, ProgressBar } from '@fluentui/react-components';
import { ArrowDownload16Regular, Dismiss16Regular } from '@fluentui/react-icons';
import { useQuery } from '@tanstack/react-query';
import { modelQuery } from '../api/queries';
import type { LinkModel, ScorerSummary } from '../api/types';
import { bytes, number } from '../text/count';
import { Foreign } from '../ui/Foreign';
import type { Column } from '../ui/Grid';
import { Answered, Facts, Section } from '../ui/states';
import { Table } from '../ui/Table';
import { Time } from '../ui/Time';
import styles from './Backtest.module.css';
import { originText, probability, trainedPart } from './model';

/** What one model is, and what it looks at. */
export function ModelDetails({ id, onClose }: { id: number; onClose: () => void }) {
  const query = useQuery(modelQuery(id));
  return (
    <Answered query={query} what="model" rows={6}>
      {(m) => (
        <Section
          title={
            <span className={styles.headed}>
              Model <Foreign value={m.version} max={40} />
            </span>
          }
          aside={
            <span className={styles.headed}>
              {m.state === 'ready' && (
                <Button
                  as="a"
                  size="small"
                  icon={<ArrowDownload16Regular />}
                  href={`/api/v1/correlation/models/${m.id}/file`}
                  download={`clew-model-${m.id}.json`}
                >
                  Download
                </Button>
              )}
              <Button
                size="small"
                appearance="subtle"
                icon={<Dismiss16Regular />}
                aria-label="Close the model"
                onClick={onClose}
              />
            </span>
          }
        >
          <What model={m} />
          {m.summary !== undefined && (
            <div className={styles.scorers}>
              <Scorer title="An alert and an incident" scorer={m.summary.link} />
              <Scorer title="Two incidents" scorer={m.summary.pair} />
            </div>
          )}
        </Section>
      )}
    </Answered>
  );
}

function What({ model: m }: { model: LinkModel }) {
  return (
    <>
      <Facts
        rows={[
          ['From', originText(m)],
          ['Trained on', <Foreign key="trained" value={m.trained ?? 'not recorded'} max={300} />],
          ...(m.by === undefined ? [] : [['By', <Foreign key="by" value={m.by} max={60} />] as [string, React.ReactNode]]),
          ...(m.createdAt === undefined ? [] : [['Kept', <Time key="at" at={m.createdAt} />] as [string, React.ReactNode]]),
          ...(m.size > 0 ? ([['Size', bytes(m.size)]] as [string, React.ReactNode][]) : []),
          ...(m.digest === undefined
            ? []
            : [['SHA-256', <Foreign key="digest" value={m.digest} mono />] as [string, React.ReactNode]]),
          ...thresholds(m),
        ]}
      />
      {(m.state === 'queued' || m.state === 'training') && (
        <div className={styles.progress} role="status">
          <ProgressBar value={trainedPart(m)} aria-label="Trained" />
          <span className="tabular">{m.state === 'queued' ? 'waiting' : `${Math.floor(100 * trainedPart(m))} %`}</span>
        </div>
      )}
      {(m.error ?? m.problem) !== undefined && (
        <p role="alert" className={styles.worse}>
          <Foreign value={m.error ?? m.problem ?? ''} max={300} />
        </p>
      )}
    </>
  );
}

const sure = (s: ScorerSummary, at: number) => `${Math.round(100 * probability(s, at))} % sure (log-odds ${at.toFixed(2)})`;

function thresholds({ summary: s }: LinkModel): [string, React.ReactNode][] {
  if (s === undefined) return [];
  return [
    ['An alert joins from', sure(s.link, s.join)],
    [
      'Incidents merge from',
      `${sure(s.pair, s.merge)}, and ${s.growth.toFixed(2)} log-odds more for each doubling of the smaller one`,
    ],
  ];
}

type Feature = ScorerSummary['features'][number];

const features: Column<Feature>[] = [
  {
    id: 'name',
    name: 'Feature',
    width: '',
    render: (f) => (
      <span className={styles.feature}>
        {f.description}
        <span className="quiet">
          <Foreign value={f.name} max={40} />
        </span>
      </span>
    ),
  },
  { id: 'weight', name: 'Weight', width: '90px', end: true, render: (f) => f.weight.toFixed(3) },
  { id: 'splits', name: 'Splits', width: '80px', end: true, render: (f) => number(f.splits) },
];

type Bin = NonNullable<NonNullable<ScorerSummary['calibration']>['bins']>[number];

const percent = (part: number) => `${(100 * part).toFixed(1)} %`;

const bins: Column<Bin>[] = [
  { id: 'said', name: 'Said to belong together', width: '', render: (b) => percent(b.said) },
  { id: 'right', name: 'Did', width: '80px', end: true, render: (b) => percent(b.right) },
  { id: 'samples', name: 'Samples', width: '90px', end: true, render: (b) => number(b.samples) },
];

const mostTelling = 12;

function Scorer({ title, scorer: s }: { title: string; scorer: ScorerSummary }) {
  return (
    <Section title={title} className={styles.scorer}>
      <p className="quiet">
        {number(s.trees)} trees, {number(s.nodes)} nodes
        {s.features.length > mostTelling && `; the ${mostTelling} features that weigh most`}
      </p>
      {s.features.length > 0 && (
        <Table label={`${title}: features`} columns={features} rows={s.features.slice(0, mostTelling)} idOf={(f) => f.name} />
      )}
      {(s.calibration?.bins ?? []).length > 0 && (
        <>
          <p className="quiet">What it said of samples that it had not learnt from, and how many of these did belong together:</p>
          <Table label={`${title}: calibration`} columns={bins} rows={s.calibration?.bins ?? []} idOf={(b) => b.said} />
        </>
      )}
    </Section>
  );
}
