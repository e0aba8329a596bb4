import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiForbidLine,
  RiLoader4Line,
  RiMoonFill,
  RiQuestionLine,
  RiSpamFill,
} from '@remixicon/react';
import type { HealthState } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import styles from './HealthStatus.module.css';

/** `missing`: named by the entity, and in no cluster. */
export type ShownHealth = HealthState | 'missing';

// One outline per state, so that none is told by its colour alone.
const icons: Record<ShownHealth, typeof RiAlertFill> = {
  ready: RiCheckboxCircleFill,
  idle: RiMoonFill,
  progressing: RiLoader4Line,
  degraded: RiAlertFill,
  failed: RiSpamFill,
  unknown: RiQuestionLine,
  missing: RiForbidLine,
};

/** Health in one word, told by shape, text and colour. */
export function HealthStatus(props: { state: ShownHealth }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const Icon = icons[props.state];
  return (
    <span className={styles.root} data-state={props.state}>
      <Icon size={18} aria-hidden className={styles.icon} />
      <span>{t(`health.${props.state}`)}</span>
    </span>
  );
}
