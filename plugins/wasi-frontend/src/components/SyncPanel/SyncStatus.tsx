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
import { StateMark, type Tone } from '../StateMark';

// One outline per state, so that none is told by its colour alone.
const marks: Record<
  SyncState | 'suspended',
  { icon: typeof RiSpamFill; tone: Tone }
> = {
  'in-step': { icon: RiCheckboxCircleFill, tone: 'good' },
  progressing: { icon: RiLoader4Line, tone: 'moving' },
  drifted: { icon: RiExchangeLine, tone: 'notable' },
  failed: { icon: RiSpamFill, tone: 'bad' },
  unknown: { icon: RiQuestionLine, tone: 'plain' },
  suspended: { icon: RiPauseCircleFill, tone: 'notable' },
};

/** Whether what runs is what the source says, in one word. */
export function SyncStatus(props: { state: SyncState | 'suspended' }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  return <StateMark {...marks[state]} text={t(`sync.state.${state}`)} />;
}
