import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonIcon, VisuallyHidden } from '@backstage/ui';
import {
  RiCheckLine,
  RiErrorWarningLine,
  RiFileCopyLine,
} from '@remixicon/react';
import { useEffect, useState } from 'react';
import { wasiTranslationRef } from '../../translation';

const SHOWN_FOR_MS = 2_000;

const icons = {
  idle: <RiFileCopyLine />,
  copied: <RiCheckLine />,
  refused: <RiErrorWarningLine />,
};

/** Copies a text and says that it did. */
export function CopyButton(props: {
  text: string;
  /** What is copied, for the button's name. */
  what: string;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const [outcome, setOutcome] = useState<'idle' | 'copied' | 'refused'>('idle');

  useEffect(() => {
    if (outcome === 'idle') {
      return undefined;
    }
    const timer = setTimeout(() => setOutcome('idle'), SHOWN_FOR_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(props.text);
      setOutcome('copied');
    } catch {
      // A page without https or focus may not write: the user is told.
      setOutcome('refused');
    }
  };

  return (
    <span>
      <ButtonIcon
        variant="tertiary"
        size="small"
        aria-label={t('common.copy', { what: props.what })}
        icon={icons[outcome]}
        onPress={copy}
      />
      <VisuallyHidden role="status">
        {outcome === 'copied' && t('common.copied')}
        {outcome === 'refused' && t('common.copyFailed')}
      </VisuallyHidden>
    </span>
  );
}
