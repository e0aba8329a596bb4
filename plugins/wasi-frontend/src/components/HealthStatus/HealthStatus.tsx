import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiLoader4Line,
  RiQuestionLine,
  RiSpamFill,
} from '@remixicon/react';
import type { HealthState } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import styles from './HealthStatus.module.css';

// One outline per state, so that none is told by its colour alone.
const icons: Record<HealthState, typeof RiAlertFill> = {
  ready: RiCheckboxCircleFill,
  progressing: RiLoader4Line,
  degraded: RiAlertFill,
  failed: RiSpamFill,
  unknown: RiQuestionLine,
};

/** Health in one word, told by shape, text and colour. */
export function HealthStatus(props: { state: HealthState }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const Icon = icons[props.state];
  return (
    <span className={styles.root} data-state={props.state}>
      <Icon size={18} aria-hidden className={styles.icon} />
      <span>{t(`health.${props.state}`)}</span>
    </span>
  );
}
