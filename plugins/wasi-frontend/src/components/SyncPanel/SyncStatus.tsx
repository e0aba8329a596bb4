import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiCheckboxCircleFill,
  RiExchangeLine,
  RiLoader4Line,
  RiPauseCircleFill,
  RiQuestionLine,
  RiSpamFill,
} from '@remixicon/react';
import type { SyncState } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import styles from './SyncPanel.module.css';

// One outline per state, so that none is told by its colour alone.
const icons: Record<SyncState | 'suspended', typeof RiSpamFill> = {
  'in-step': RiCheckboxCircleFill,
  progressing: RiLoader4Line,
  drifted: RiExchangeLine,
  failed: RiSpamFill,
  unknown: RiQuestionLine,
  suspended: RiPauseCircleFill,
};

/** Whether what runs is what the source says, in one word. */
export function SyncStatus(props: { state: SyncState | 'suspended' }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const Icon = icons[props.state];
  return (
    <span className={styles.status} data-state={props.state}>
      <Icon size={16} aria-hidden className={styles.icon} />
      {t(`sync.state.${props.state}`)}
    </span>
  );
}
