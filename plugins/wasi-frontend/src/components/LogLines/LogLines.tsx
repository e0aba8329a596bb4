import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Skeleton, Text, VisuallyHidden } from '@backstage/ui';
import type { LogsAnswer } from '@wasi-functions/backstage-plugin-wasi-common';
import type { Loadable } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { ErrorNotice } from '../ErrorNotice';

/** The last lines that a module wrote. */
export function LogLines(props: {
  name: string;
  logs: Loadable<LogsAnswer>;
  onRetry: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { logs } = props;
  switch (logs.phase) {
    case 'idle':
    case 'loading':
      return (
        <div role="status">
          <VisuallyHidden>{t('logs.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={72} />
        </div>
      );
    case 'failed':
      return <ErrorNotice error={logs.error} onRetry={props.onRetry} />;
    default:
      return logs.value.lines.length > 0 ? (
        <CodeBlock
          role="log"
          wrap
          label={t('logs.label', { name: props.name })}
          text={logs.value.lines.join('\n')}
        />
      ) : (
        <Text color="secondary">{t('logs.empty')}</Text>
      );
  }
}
