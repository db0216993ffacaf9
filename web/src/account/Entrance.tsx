import type { ReactNode } from 'react';
import styles from './Entrance.module.css';

/** The frame of the pages before the sign-in. */
export function Entrance({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={styles.page}>
      <div className={styles.box}>
        <div className={styles.brand}>
          <img src="/clew.svg" alt="" width="36" height="36" />
          <div>
            <strong>Clew</strong>
            <p className="quiet">From alerts to attack stories</p>
          </div>
        </div>
        <h1 className={styles.title}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
