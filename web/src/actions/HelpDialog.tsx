import { Button, DialogActions, DialogBody, DialogContent, DialogTitle } from '@fluentui/react-components';
import { Keys } from '../ui/badges';
import { Modal } from '../ui/Modal';
import styles from './HelpDialog.module.css';
import { caps } from './keys';
import { useAllActions } from './registry';

/** Every shortcut that works here and now, read from the same list as the menus. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const actions = useAllActions().filter((a) => a.keys !== undefined && !a.id.endsWith('2'));
  const sections = [...new Set(actions.map((a) => a.section))];
  return (
    <Modal asks="Keyboard shortcuts" onClose={onClose} className={styles.surface}>
      <DialogBody>
        <DialogTitle>Keyboard shortcuts</DialogTitle>
        <DialogContent>
          <div className={styles.columns}>
            {sections.map((section) => (
              <section key={section} className={styles.section}>
                <h3>{section}</h3>
                <dl>
                  {actions
                    .filter((a) => a.section === section)
                    .map((a) => (
                      <div key={a.id} className={styles.row}>
                        <dt>{a.name}</dt>
                        <dd>
                          <Keys caps={caps(a.keys ?? '')} />
                        </dd>
                      </div>
                    ))}
                </dl>
              </section>
            ))}
          </div>
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Close</Button>
        </DialogActions>
      </DialogBody>
    </Modal>
  );
}
