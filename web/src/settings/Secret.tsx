import { CopyButton } from '../ui/Foreign';
import styles from './SettingsPage.module.css';

/** Something that is shown this once only. */
export function Secret({ title, value }: { title: string; value: string }) {
  return (
    <div className={styles.secret} role="status">
      <span>{title}</span>
      <span>
        <code className="mono">{value}</code>
        <CopyButton value={value} />
      </span>
    </div>
  );
}
