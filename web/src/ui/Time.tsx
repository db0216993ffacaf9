import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import { ago, clock, isSet, shortTime, utcTime } from '../text/time';

const Now = createContext<number>(Date.now());

/** One ticking clock for all relative times. */
export function NowProvider({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return <Now.Provider value={now}>{children}</Now.Provider>;
}

export const useNow = (): number => useContext(Now);

/** A moment in the reader's zone; UTC and the exact second on hover. */
export function Time({ at, as = 'short' }: { at: string | undefined; as?: 'short' | 'ago' | 'clock' }) {
  const now = useNow();
  if (!isSet(at)) return <span className="quiet">–</span>;
  const text = as === 'ago' ? ago(at, now) : as === 'clock' ? clock(at) : shortTime(at, now);
  return (
    <time dateTime={at} title={utcTime(at)} className="tabular">
      {text}
    </time>
  );
}
