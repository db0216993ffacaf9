import { mergeClasses } from '@fluentui/react-components';
import type { KeyboardEvent } from 'react';
import type { StoryNode } from '../api/types';
import { clipMiddle } from '../text/clip';
import { count } from '../text/count';
import { shown } from '../text/defang';
import { visible } from '../text/hostile';
import { shortLabel } from '../text/short';
import { word } from '../text/words';
import { iconOf } from '../ui/KindIcon';
import styles from './Graph.module.css';
import type { Point } from './layout';
import { labelLength } from './layoutInput';
import { isTrace } from './model';

interface GraphNodeProps {
  node: StoryNode;
  at: Point;
  selected: boolean;
  dimmed: boolean;
  current: boolean;
  onSelect: () => void;
  onStep: (key: string) => void;
}

/** One entity: kind by shape and icon, standing by ring and fill, always with its name. */
export function GraphNode({ node, at, selected, dimmed, current, onSelect, onStep }: GraphNodeProps) {
  const trace = isTrace(node);
  const Icon = iconOf(node.kind);
  const written = clipMiddle(visible(shown(node.kind, shortLabel(node.kind, node.label))), labelLength);
  const whole = visible(shown(node.kind, node.label));
  // Who speaks to the page says what is to be seen: the name holds it as it is written.
  const label = whole.includes(written) ? whole : `${written}, ${whole}`;
  const onKey = (event: KeyboardEvent) => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      onSelect();
    } else if (event.key.startsWith('Arrow')) {
      event.preventDefault();
      onStep(event.key);
    }
  };
  return (
    <g
      role="button"
      tabIndex={0}
      data-node={node.id}
      aria-label={describe(node, label)}
      aria-pressed={selected}
      transform={`translate(${at.x} ${at.y})`}
      className={mergeClasses(
        styles.node,
        node.impacted && styles.asset,
        trace && styles.trace,
        selected && styles.selected,
        dimmed && styles.dimmed,
        current && styles.current,
      )}
      onClick={onSelect}
      onKeyDown={onKey}
    >
      <title>{describe(node, label)}</title>
      {current && <circle r="30" className={styles.pulse} />}
      {node.group !== undefined && <Outline kind={node.kind} className={styles.behind} transform="translate(5 -5)" />}
      <Outline kind={node.kind} className={styles.shape} />
      <Icon x={-10} y={-10} width={20} height={20} className={styles.icon} aria-hidden="true" />
      {node.critical && (
        <path
          d="M-17 -24 -13.500 -16.500 -5.500 -15.500 -11.300 -10 -9.800 -2 -17 -5.800Z"
          transform="translate(-3 0) scale(.72)"
          className={styles.star}
        />
      )}
      {node.stopped && (
        <path
          d="M0 -8 7 -5.500V0C7 4.500 4 7.500 0 9 -4 7.500 -7 4.500 -7 0V-5.500Z"
          transform="translate(16 15)"
          className={styles.shield}
        />
      )}
      <text y="36" textAnchor="middle" className={styles.label}>
        {written}
      </text>
    </g>
  );
}

function describe(node: StoryNode, label: string): string {
  const parts = [`${word('kind', node.kind)} ${clipMiddle(label, 200)}`];
  if (node.group !== undefined) parts.push(`stands for ${node.group.count}`);
  if (node.impacted) parts.push('impacted asset');
  if (node.critical) parts.push('critical');
  if (node.verdict !== '' && node.verdict !== 'unknown') parts.push(word('verdict', node.verdict).toLowerCase());
  if (node.stopped) parts.push('blocked or removed');
  parts.push(count(node.alertCount, 'alert'));
  return parts.join(', ');
}

/** Kinds by shape: no two that matter look alike without their colour. */
export function Outline({ kind, className, transform }: { kind: string; className?: string | undefined; transform?: string }) {
  const common = { className, transform };
  switch (kind) {
    case 'device':
    case 'container':
      return <rect x="-19" y="-19" width="38" height="38" rx="9" {...common} />;
    case 'ip':
      return <path d="M0 -21.500 21.500 0 0 21.500 -21.500 0Z" strokeLinejoin="round" {...common} />;
    case 'process':
      return <path d="M-10.800 -18.700H10.800L21.500 0 10.800 18.700H-10.800L-21.500 0Z" strokeLinejoin="round" {...common} />;
    case 'file':
    case 'malware':
      return <path d="M-15 -20H8L16 -12V17A3 3 0 0 1 13 20H-13A3 3 0 0 1 -16 17V-19Z" strokeLinejoin="round" {...common} />;
    case 'mail':
    case 'mailbox':
    case 'mailCluster':
      return <rect x="-21" y="-15.500" width="42" height="31" rx="4" {...common} />;
    case 'cloudResource':
      return (
        <path d="M-12 16A11 11 0 0 1 -15 -5 13 13 0 0 1 10 -9 11.500 11.500 0 0 1 13 16Z" strokeLinejoin="round" {...common} />
      );
    case 'registry':
      return <path d="M0 -20 18 -7 11 17H-11L-18 -7Z" strokeLinejoin="round" {...common} />;
    case 'app':
      return <rect x="-18" y="-18" width="36" height="36" rx="2" {...common} />;
    case 'url':
    case 'domain':
      return <ellipse rx="21" ry="17" {...common} />;
    default:
      return <circle r="19.500" {...common} />;
  }
}
