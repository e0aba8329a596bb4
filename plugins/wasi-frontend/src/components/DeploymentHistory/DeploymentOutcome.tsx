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
import { StateMark, type Tone } from '../StateMark';
import styles from './DeploymentHistory.module.css';

// One outline per state, so that none is told by its colour alone.
const marks: Record<DeploymentState, { icon: typeof RiSpamFill; tone: Tone }> =
  {
    running: { icon: RiLoader4Line, tone: 'moving' },
    succeeded: { icon: RiCheckboxCircleFill, tone: 'good' },
    failed: { icon: RiSpamFill, tone: 'bad' },
    superseded: { icon: RiSkipForwardLine, tone: 'plain' },
    unknown: { icon: RiQuestionLine, tone: 'plain' },
  };

/** How a deployment ended, why, and what to do about it. */
export function DeploymentOutcome(props: { deployment: Deployment }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state, message, remedy } = props.deployment;
  return (
    <div className={styles.outcome}>
      <StateMark {...marks[state]} text={t(`deployments.${state}`)} />
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
