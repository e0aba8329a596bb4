import type { ReactNode } from 'react';
import styles from './FactList.module.css';

/** Named facts; those without a value are left out. */
export function FactList(props: {
  facts: {
    label: string;
    value: ReactNode;
    /** Where labels are not different all. */
    id?: string;
  }[];
}) {
  const facts = props.facts.filter(
    ({ value }) =>
      value !== undefined && value !== null && value !== '' && value !== false,
  );
  return (
    <div className={styles.container}>
      <dl className={styles.list}>
        {facts.map(({ label, value, id = label }) => (
          <div key={id} className={styles.fact}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
