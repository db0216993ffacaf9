import { Button, Tooltip } from '@fluentui/react-components';
import { Checkmark16Regular, Copy16Regular } from '@fluentui/react-icons';
import { Fragment, useEffect, useState } from 'react';
import { clipMiddle } from '../text/clip';
import { shown } from '../text/defang';
import { pieces } from '../text/hostile';
import styles from './Foreign.module.css';

interface ForeignProps {
  value: string;
  /** Longest text to show; longer ones are clipped in the middle. */
  max?: number;
  /** What it is, for kinds that need care ("url", "domain"). */
  kind?: string;
  mono?: boolean;
}

/** Text that someone else wrote: plain text, hidden characters as marks. */
export function Foreign({ value, max = 0, kind = '', mono = false }: ForeignProps) {
  const whole = shown(kind, value);
  const text = max > 0 ? clipMiddle(whole, max) : whole;
  return (
    <bdi className={mono ? 'mono' : undefined} title={text === whole ? undefined : clipMiddle(whole, 2000)}>
      {pieces(text).map((piece, i) =>
        piece.mark === undefined ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
          <span key={i}>{piece.text}</span>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces of one text have no other identity
          <span key={i} className={styles.mark} title="A character that is not visible">
            {piece.mark}
          </span>
        ),
      )}
    </bdi>
  );
}

/** Foreign text of several lines: line ends stay, everything else that is hidden is marked. */
export function ForeignLines({ value, max = 0 }: { value: string; max?: number }) {
  const text = max > 0 ? clipMiddle(value, max) : value;
  return text.split('\n').map((line, i) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text have no other identity
    <Fragment key={i}>
      {i > 0 && <br />}
      <Foreign value={line} />
    </Fragment>
  ));
}

/** A foreign value that can be copied as it was received. */
export function Copyable(props: ForeignProps) {
  return (
    <span className={styles.copyable}>
      <Foreign {...props} />
      <CopyButton value={props.value} />
    </span>
  );
}

export function CopyButton({ value, label = 'Copy' }: { value: string; label?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(false), 1_500);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <Tooltip content={done ? 'Copied' : label} relationship="label">
      <Button
        className={styles.copy}
        size="small"
        appearance="transparent"
        icon={done ? <Checkmark16Regular /> : <Copy16Regular />}
        onClick={(event) => {
          event.stopPropagation();
          void navigator.clipboard?.writeText(value).then(() => setDone(true));
        }}
      />
    </Tooltip>
  );
}
