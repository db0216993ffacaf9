import { Button } from '@fluentui/react-components';
import {
  Dismiss16Regular,
  Play16Filled,
  Save16Regular,
  TextBulletListTree16Regular,
  TextGrammarWand16Regular,
} from '@fluentui/react-icons';
import { count } from '../text/count';
import styles from './HuntingPage.module.css';
import { RangePicker } from './RangePicker';
import type { TimeRange } from './timeRange';

interface QueryToolsProps {
  running: boolean;
  errors: number;
  range: TimeRange;
  onRange: (range: TimeRange) => void;
  onRun: () => void;
  onCancel: () => void;
  onSave: () => void;
  onFormat: () => void;
  /** Where the schema has no place beside the query. */
  onSchema: (() => void) | undefined;
}

/** Run, time range, and what else concerns the query in front. */
export function QueryTools(props: QueryToolsProps) {
  const { onSchema, errors } = props;
  return (
    <div className={styles.tools} role="toolbar" aria-label="Query">
      {props.running ? (
        <Button size="small" icon={<Dismiss16Regular />} onClick={props.onCancel}>
          Cancel
        </Button>
      ) : (
        <Button size="small" appearance="primary" icon={<Play16Filled />} title="Shift+Enter" onClick={props.onRun}>
          Run
        </Button>
      )}
      <RangePicker range={props.range} onRange={props.onRange} />
      <Button size="small" appearance="subtle" icon={<Save16Regular />} title="Ctrl+S" onClick={props.onSave}>
        Save
      </Button>
      <Button size="small" appearance="subtle" icon={<TextGrammarWand16Regular />} title="Shift+Alt+F" onClick={props.onFormat}>
        Format
      </Button>
      {onSchema !== undefined && (
        <Button size="small" appearance="subtle" icon={<TextBulletListTree16Regular />} onClick={onSchema}>
          Schema
        </Button>
      )}
      <span className={styles.gap} />
      <span className={styles.state} role="status">
        {errors > 0 ? count(errors, 'error') : ''}
      </span>
    </div>
  );
}
