import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiArrowRightSLine } from '@remixicon/react';
import type { RuntimeView } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './UnavailableRuntimes.module.css';

/** Folded away: why runtimes cannot be built here, and what would make them. */
export function UnavailableRuntimes(props: {
  runtimes: readonly RuntimeView[];
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <details className={styles.root}>
      <summary className={styles.summary}>
        <RiArrowRightSLine size={16} aria-hidden className={styles.icon} />
        {t('fields.runtime.unavailable', { count: props.runtimes.length })}
      </summary>
      <dl className={styles.list}>
        {props.runtimes.map(({ name, label, problems }) => (
          <div key={name}>
            <dt className={styles.name}>{label}</dt>
            {problems.map((problem, index) => (
              <dd key={index} className={styles.problem}>
                <InlineCode text={problem.message} />{' '}
                <InlineCode text={problem.remedy} />
              </dd>
            ))}
          </div>
        ))}
      </dl>
    </details>
  );
}
