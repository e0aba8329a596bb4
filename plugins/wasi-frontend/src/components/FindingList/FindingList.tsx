import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { VisuallyHidden } from '@backstage/ui';
import { RiAlertFill, RiInformationLine, RiSpamFill } from '@remixicon/react';
import type {
  Finding,
  Severity,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './FindingList.module.css';

const icons: Record<Severity, typeof RiAlertFill> = {
  error: RiSpamFill,
  warning: RiAlertFill,
  info: RiInformationLine,
};

const order: Severity[] = ['error', 'warning', 'info'];

/** Findings, worst first, each with what to do. */
export function FindingList(props: { findings: readonly Finding[] }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  if (props.findings.length === 0) {
    return null;
  }
  const sorted = [...props.findings].sort(
    (a, b) => order.indexOf(a.severity) - order.indexOf(b.severity),
  );
  return (
    <ul className={styles.list}>
      {sorted.map((finding, index) => {
        const Icon = icons[finding.severity];
        return (
          <li
            // Two findings of one code may differ in nothing but their place.
            key={`${index} ${finding.code} ${finding.path ?? ''}`}
            className={styles.item}
            data-severity={finding.severity}
          >
            <Icon size={18} aria-hidden className={styles.icon} />
            <div>
              <VisuallyHidden>
                {t(`findings.${finding.severity}`)}:{' '}
              </VisuallyHidden>
              <span>
                <InlineCode text={finding.message} />
              </span>{' '}
              {finding.path && (
                <code className={styles.path}>
                  {t('findings.at', { path: finding.path })}
                </code>
              )}
              <div className={styles.remedy}>
                <InlineCode text={finding.remedy} />
              </div>
            </div>
          </li>
        );
      })}
    </ul>
  );
}
