import { mergeClasses } from '@fluentui/react-components';
import { useEffect, useMemo, useRef } from 'react';
import type { TimelineItem } from '../api/types';
import { shortProduct } from '../queue/columns';
import { count } from '../text/count';
import { visible } from '../text/hostile';
import { shortLabel } from '../text/short';
import { dayOf } from '../text/time';
import { SeverityShape } from '../ui/badges';
import { Foreign } from '../ui/Foreign';
import { KindIcon } from '../ui/KindIcon';
import { Empty } from '../ui/states';
import { Time } from '../ui/Time';
import styles from './Timeline.module.css';
import { whyInShort } from './timeline';

interface TimelineProps {
  items: TimelineItem[];
  total: number;
  numbers: ReadonlyMap<string, number>;
  labels: ReadonlyMap<number, { kind: string; label: string }>;
  selected: string | undefined;
  /** Alerts to bring out; undefined for no selection. */
  lit: ReadonlySet<string> | undefined;
  /** The row that plays now; later ones are not yet there. */
  playing: number | undefined;
  onSelect: (id: string) => void;
}

/** The alerts in order, one line each. */
export function Timeline({ items, total, numbers, labels, selected, lit, playing, onSelect }: TimelineProps) {
  const list = useRef<HTMLOListElement>(null);
  const current = playing === undefined ? selected : items[playing]?.alertId;
  useEffect(() => {
    if (current === undefined) return;
    list.current?.querySelector(`[data-alert="${CSS.escape(current)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const rows = useMemo(() => new Map(items.map((i) => [i.alertId, i])), [items]);
  const shown = items.reduce((n, i) => n + i.count, 0);
  return (
    <section className={styles.timeline} aria-label="Timeline" tabIndex={0}>
      <div className={styles.head}>
        <strong>Timeline</strong>
        <span className="quiet">{shown === total ? count(total, 'alert') : `${shown} of ${count(total, 'alert')}`}</span>
      </div>
      {items.length === 0 && <Empty title="Nothing in this window">Choose a wider time window.</Empty>}
      <ol ref={list}>
        {items.map((item, i) => {
          const day = dayOf(item.at);
          const before = items[i - 1];
          const why = whyInShort(item, rows, numbers);
          const isLit = lit === undefined || lit.has(item.alertId);
          return (
            <li key={item.alertId} data-alert={item.alertId}>
              {(before === undefined || dayOf(before.at) !== day) && <div className={styles.day}>{day}</div>}
              <button
                type="button"
                aria-pressed={selected === item.alertId}
                aria-current={playing === i ? 'step' : undefined}
                className={mergeClasses(
                  styles.item,
                  selected === item.alertId && styles.selected,
                  !isLit && styles.dim,
                  playing !== undefined && i > playing && styles.later,
                  playing === i && styles.now,
                )}
                onClick={() => onSelect(item.alertId)}
              >
                <span className={styles.time}>
                  <Time at={item.at} as="clock" />
                </span>
                <span className={styles.dot}>
                  <SeverityShape value={item.severity} />
                </span>
                <span className={styles.text}>
                  <span className={styles.line}>
                    <span className={styles.number}>{numbers.get(item.alertId)}</span>
                    <span className={styles.title}>
                      <Foreign value={item.title} max={110} />
                    </span>
                    {item.count > 1 && <span className={styles.folded}>×{item.count}</span>}
                    <span className={styles.product} title={item.product}>
                      {shortProduct(item.product)}
                    </span>
                  </span>
                  <span className={styles.about}>
                    {item.entities
                      .map((id) => labels.get(id))
                      .filter((e) => e !== undefined)
                      .slice(0, 2)
                      .map((e) => (
                        <span key={e.kind + e.label} className={styles.entity}>
                          <KindIcon kind={e.kind} size={13} />
                          <Foreign kind={e.kind} value={shortLabel(e.kind, e.label)} max={15} />
                        </span>
                      ))}
                    {why !== '' && (
                      <span className={styles.why} title={visible(item.why ?? '')}>
                        <span aria-hidden="true">↳ </span>
                        <Foreign value={why} max={90} />
                      </span>
                    )}
                  </span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
