import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiCheckboxCircleFill,
  RiLoader4Line,
  RiQuestionLine,
  RiSkipForwardLine,
  RiSpamFill,
} from '@remixicon/react';
import type {
  Deployment,
  DeploymentState,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './DeploymentHistory.module.css';

// One outline per state, so that none is told by its colour alone.
const icons: Record<DeploymentState, typeof RiSpamFill> = {
  running: RiLoader4Line,
  succeeded: RiCheckboxCircleFill,
  failed: RiSpamFill,
  superseded: RiSkipForwardLine,
  unknown: RiQuestionLine,
};

/** How a deployment ended, why, and what to do about it. */
export function DeploymentOutcome(props: { deployment: Deployment }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state, message, remedy } = props.deployment;
  const Icon = icons[state];
  return (
    <div className={styles.outcome}>
      <span className={styles.state} data-state={state}>
        <Icon size={16} aria-hidden className={styles.icon} />
        {t(`deployments.${state}`)}
      </span>
      {message && (
        <span className={styles.message}>
          <InlineCode text={message} />
        </span>
      )}
      {remedy && state === 'failed' && (
        <span className={styles.note}>
          <InlineCode text={remedy} />
        </span>
      )}
    </div>
  );
}
