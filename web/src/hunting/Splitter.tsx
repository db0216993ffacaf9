import { type KeyboardEvent, type PointerEvent, useRef } from 'react';
import styles from './HuntingPage.module.css';

interface SplitterProps {
  height: number;
  min: number;
  max: number;
  onHeight: (height: number) => void;
}

/** The line between query and results: by pointer or by the arrow keys. */
export function Splitter({ height, min, max, onHeight }: SplitterProps) {
  const start = useRef<{ y: number; height: number } | undefined>(undefined);
  const set = (value: number) => onHeight(Math.round(Math.min(max, Math.max(min, value))));
  const onDown = (event: PointerEvent<HTMLHRElement>) => {
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    start.current = { y: event.clientY, height };
  };
  const onKey = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 24 : event.key === 'ArrowUp' ? -24 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    set(height + by);
  };
  return (
    <hr
      aria-orientation="horizontal"
      aria-label="Height of the query"
      aria-valuenow={height}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={styles.splitter}
      onPointerDown={onDown}
      onPointerMove={(event) => start.current !== undefined && set(start.current.height + event.clientY - start.current.y)}
      onPointerUp={() => {
        start.current = undefined;
      }}
      onKeyDown={onKey}
    />
  );
}
