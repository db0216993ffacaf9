import { Button, mergeClasses, Select, Tooltip } from '@fluentui/react-components';
import { Next20Regular, Pause20Filled, Play20Filled, Previous20Regular, Stop20Regular } from '@fluentui/react-icons';
import { useEffect, useState } from 'react';
import { useActions } from '../actions/registry';
import styles from './Player.module.css';

export interface Playing {
  /** The step that is shown, from 0; undefined when the whole story is. */
  step: number | undefined;
  running: boolean;
  speed: number;
}

/** One second a step at speed 1. */
const pace = 1_000;

export function usePlayer(steps: number) {
  const [state, setState] = useState<Playing>({ step: undefined, running: false, speed: 1 });
  const step = state.step === undefined || steps === 0 ? undefined : Math.min(state.step, steps - 1);
  const last = step !== undefined && step >= steps - 1;
  useEffect(() => {
    if (!state.running) return;
    const timer = setTimeout(
      () => setState((s) => ((s.step ?? -1) >= steps - 1 ? { ...s, running: false } : { ...s, step: (s.step ?? -1) + 1 })),
      pace / state.speed,
    );
    return () => clearTimeout(timer);
  }, [state, steps]);
  return {
    step,
    running: state.running && !last,
    speed: state.speed,
    toggle: () =>
      setState((s) =>
        s.running && !last ? { ...s, running: false } : { ...s, running: true, step: s.step === undefined || last ? 0 : s.step },
      ),
    to: (next: number) => setState((s) => ({ ...s, running: false, step: Math.min(steps - 1, Math.max(0, next)) })),
    stop: () => setState((s) => ({ ...s, running: false, step: undefined })),
    setSpeed: (speed: number) => setState((s) => ({ ...s, speed })),
  };
}

export type PlayerControls = ReturnType<typeof usePlayer>;

/** Play, step and speed, as on every player. */
export function Player({ player, steps }: { player: PlayerControls; steps: number }) {
  const { step, running } = player;
  const section = 'Story' as const;
  useActions([
    { id: 'play', name: running ? 'Pause the story' : 'Play the story', section, keys: 'p', perform: player.toggle },
    { id: 'play.next', name: 'Next step of the story', section, keys: ']', perform: () => player.to((step ?? -1) + 1) },
    {
      id: 'play.previous',
      name: 'Previous step of the story',
      section,
      keys: '[',
      perform: () => player.to((step ?? steps) - 1),
    },
    { id: 'play.stop', name: 'Show the whole story', section, perform: player.stop },
  ]);
  return (
    <div className={styles.player} role="group" aria-label="Play the story">
      <Tooltip content={running ? 'Pause' : 'Play the story'} relationship="label">
        <Button
          size="small"
          appearance="subtle"
          disabled={steps === 0}
          icon={running ? <Pause20Filled /> : <Play20Filled />}
          onClick={player.toggle}
        />
      </Tooltip>
      <Tooltip content="One step back" relationship="label">
        <Button
          size="small"
          appearance="subtle"
          icon={<Previous20Regular />}
          disabled={step === undefined || step === 0}
          onClick={() => player.to((step ?? 0) - 1)}
        />
      </Tooltip>
      <Tooltip content="One step on" relationship="label">
        <Button
          size="small"
          appearance="subtle"
          icon={<Next20Regular />}
          disabled={steps === 0 || step === steps - 1}
          onClick={() => player.to((step ?? -1) + 1)}
        />
      </Tooltip>
      <input
        type="range"
        className={styles.slider}
        aria-label="Step of the story"
        min={0}
        max={Math.max(0, steps - 1)}
        value={step ?? Math.max(0, steps - 1)}
        onChange={(event) => player.to(Number(event.target.value))}
      />
      <span className={mergeClasses(styles.step, step === undefined && styles.whole)} role="status">
        {step === undefined ? 'whole story' : `${step + 1} of ${steps}`}
      </span>
      {step !== undefined && (
        <Tooltip content="Show the whole story" relationship="label">
          <Button size="small" appearance="subtle" icon={<Stop20Regular />} onClick={player.stop} />
        </Tooltip>
      )}
      <Select
        size="small"
        className={styles.speed}
        aria-label="Speed"
        value={String(player.speed)}
        onChange={(_, d) => player.setSpeed(Number(d.value))}
      >
        <option value="0.5">0.5×</option>
        <option value="1">1×</option>
        <option value="2">2×</option>
        <option value="4">4×</option>
      </Select>
    </div>
  );
}
