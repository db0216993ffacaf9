import { Button, mergeClasses } from '@fluentui/react-components';
import { Dismiss16Regular } from '@fluentui/react-icons';
import { type PointerEvent, useRef, useState } from 'react';
import type { KillChainStep, TimelineItem } from '../api/types';
import { count } from '../text/count';
import { duration, millis, shortTime } from '../text/time';
import { word } from '../text/words';
import { useNow } from '../ui/Time';
import styles from './KillChain.module.css';
import { type Span, spanOf, type Window } from './timeline';

interface KillChainProps {
  steps: KillChainStep[];
  timeline: TimelineItem[];
  window: Window;
  onWindow: (window: Window) => void;
}

/** How far the attack came, and when. Choosing a step or dragging over the line filters all below. */
export function KillChain({ steps, timeline, window, onWindow }: KillChainProps) {
  const span = spanOf(timeline);
  const now = useNow();
  const active = window.from !== undefined || window.to !== undefined;
  const from = window.from ?? span.start;
  const to = window.to ?? span.end;
  return (
    <section className={styles.strip} aria-label="Kill chain">
      <ol className={styles.steps}>
        {steps.map((step) => {
          const first = millis(step.first);
          const last = millis(step.last);
          const chosen = window.from === first && window.to === last;
          return (
            <li key={step.tactic}>
              <button
                type="button"
                className={mergeClasses(styles.step, chosen && styles.chosen)}
                aria-pressed={chosen}
                title={`${step.name}: ${shortTime(step.first, now)} – ${shortTime(step.last, now)}`}
                onClick={() => onWindow(chosen ? {} : { from: first, to: last })}
              >
                <span className={styles.name}>{step.name || word('tactic', step.tactic)}</span>
                <span className={styles.blocks} aria-hidden="true" hidden={steps.length > 6}>
                  {Array.from({ length: Math.min(step.alerts, 4) }, (_, i) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: blocks are all alike
                    <i key={i} />
                  ))}
                </span>
                <span className="quiet tabular">
                  {step.alerts}
                  <span className="visually-hidden"> alerts</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      <div className={styles.row}>
        <span className={styles.edge}>{shortTime(new Date(span.start).toISOString(), now)}</span>
        <Brush span={span} timeline={timeline} window={window} onWindow={onWindow} />
        <span className={styles.edge}>{shortTime(new Date(span.end).toISOString(), now)}</span>
        {active && (
          <Button
            size="small"
            appearance="subtle"
            icon={<Dismiss16Regular />}
            onClick={() => onWindow({})}
            className={styles.clear}
          >
            {duration(to - from)} chosen
          </Button>
        )}
      </div>
    </section>
  );
}

/** The time line: a tick an alert; dragging chooses a window. */
function Brush({ span, timeline, window, onWindow }: { span: Span } & Omit<KillChainProps, 'steps'>) {
  const line = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ a: number; b: number } | undefined>(undefined);
  const share = (t: number) => Math.min(1, Math.max(0, (t - span.start) / (span.end - span.start)));
  const timeAt = (event: PointerEvent) => {
    const box = line.current?.getBoundingClientRect();
    if (box === undefined || box.width === 0) return span.start;
    return span.start + Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) * (span.end - span.start);
  };
  const shown = drag === undefined ? window : { from: Math.min(drag.a, drag.b), to: Math.max(drag.a, drag.b) };
  const left = share(shown.from ?? span.start);
  const right = share(shown.to ?? span.end);
  const active = shown.from !== undefined || shown.to !== undefined;
  return (
    <div
      ref={line}
      className={styles.brush}
      role="img"
      aria-label={`${count(timeline.length, 'moment')} of activity in ${duration(span.end - span.start)}`}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        const at = timeAt(event);
        setDrag({ a: at, b: at });
      }}
      onPointerMove={(event) => drag !== undefined && setDrag({ ...drag, b: timeAt(event) })}
      onPointerUp={() => {
        if (drag === undefined) return;
        setDrag(undefined);
        const wide = Math.abs(drag.a - drag.b) > (span.end - span.start) * 0.01;
        onWindow(wide ? { from: Math.round(Math.min(drag.a, drag.b)), to: Math.round(Math.max(drag.a, drag.b)) } : {});
      }}
      onPointerCancel={() => setDrag(undefined)}
    >
      <span className={styles.line} />
      {active && (
        <span className={styles.range} style={{ left: `${left * 100}%`, width: `${Math.max(0.4, (right - left) * 100)}%` }} />
      )}
      {timeline.map((i) => (
        <span
          key={i.alertId}
          className={styles.tick}
          data-severity={i.severity}
          style={{ left: `${share(millis(i.at)) * 100}%` }}
        />
      ))}
    </div>
  );
}
