import { Popover, PopoverSurface } from '@fluentui/react-components';
import { Foreign } from '../ui/Foreign';
import type { Cell } from './contract';
import { JsonTree } from './JsonTree';
import styles from './ResultGrid.module.css';

export interface Unfolded {
  /** The cell on screen. */
  target: HTMLElement;
  name: string;
  value: Cell;
}

/** A dynamic value unfolded at its cell. */
export function DynamicPopover({ unfolded, onClose }: { unfolded: Unfolded; onClose: () => void }) {
  return (
    <Popover
      open
      trapFocus
      positioning={{ target: unfolded.target, position: 'below', align: 'start' }}
      onOpenChange={(_, d) => !d.open && onClose()}
    >
      <PopoverSurface aria-label={`Value of ${unfolded.name}`} className={styles.unfolded}>
        <strong>
          <Foreign value={unfolded.name} max={60} />
        </strong>
        <div className={styles.unfoldedTree} tabIndex={0} role="group" aria-label={unfolded.name}>
          <JsonTree value={unfolded.value} open={3} />
        </div>
      </PopoverSurface>
    </Popover>
  );
}
