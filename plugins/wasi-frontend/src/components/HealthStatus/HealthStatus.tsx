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
import { StateMark, type Tone } from '../StateMark';

/** `missing`: named by the entity, and in no cluster. */
export type ShownHealth = HealthState | 'missing';

// One outline per state, so that none is told by its colour alone.
const marks: Record<ShownHealth, { icon: typeof RiAlertFill; tone: Tone }> = {
  ready: { icon: RiCheckboxCircleFill, tone: 'good' },
  idle: { icon: RiMoonFill, tone: 'good' },
  progressing: { icon: RiLoader4Line, tone: 'moving' },
  degraded: { icon: RiAlertFill, tone: 'notable' },
  failed: { icon: RiSpamFill, tone: 'bad' },
  unknown: { icon: RiQuestionLine, tone: 'plain' },
  missing: { icon: RiForbidLine, tone: 'notable' },
};

/** Health in one word, told by shape, text and colour. */
export function HealthStatus(props: { state: ShownHealth }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  return <StateMark strong {...marks[state]} text={t(`health.${state}`)} />;
}
