import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Alert,
  Text,
} from '@backstage/ui';
import {
  RiAlertFill,
  RiCheckboxCircleFill,
  RiSpamFill,
} from '@remixicon/react';
import type { InvokeAnswer } from '@wasi-functions/backstage-plugin-wasi-common';
import { formatBytes, formatDuration } from '../../format';
import type { Loadable } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { ErrorNotice } from '../ErrorNotice';
import { FactList } from '../FactList';
import { readableBody } from './readableBody';
import styles from './RequestAnswer.module.css';

/** What a module answered, announced to screen readers when it comes. */
export function RequestAnswer(props: { answer: Loadable<InvokeAnswer> }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { answer } = props;
  return (
    <>
      <div role="status" className={styles.status}>
        {answer.phase === 'loading' && (
          <Text color="secondary">{t('request.sending')}</Text>
        )}
        {answer.phase === 'loaded' && <StatusLine answer={answer.value} />}
      </div>
      {answer.phase === 'failed' && <ErrorNotice error={answer.error} />}
      {answer.phase === 'loaded' && <AnswerBody answer={answer.value} />}
    </>
  );
}

function StatusLine(props: { answer: InvokeAnswer }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { status, durationMs } = props.answer;
  const kind = kindOf(status);
  const Icon = {
    good: RiCheckboxCircleFill,
    notable: RiAlertFill,
    bad: RiSpamFill,
  }[kind];
  return (
    <span className={styles.line} data-kind={kind}>
      <Icon size={18} aria-hidden className={styles.icon} />
      {t('request.status', {
        status: String(status),
        duration: formatDuration(durationMs),
      })}
    </span>
  );
}

function kindOf(status: number): 'good' | 'notable' | 'bad' {
  if (status >= 500) {
    return 'bad';
  }
  return status >= 400 ? 'notable' : 'good';
}

function AnswerBody(props: { answer: InvokeAnswer }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { answer } = props;
  const body = readableBody(answer);
  const { cloudEvent, sentEventId } = answer;
  return (
    <>
      {sentEventId && (
        <Text variant="body-small" color="secondary">
          {t('event.sent', { id: sentEventId })}
        </Text>
      )}
      {cloudEvent && (
        <div>
          <Text as="h4" variant="body-medium" weight="bold">
            {t('event.answer')}
          </Text>
          <FactList
            facts={Object.entries(cloudEvent.attributes).map(
              ([label, value]) => ({ label, value }),
            )}
          />
        </div>
      )}
      {body.kind === 'empty' && (
        <Text color="secondary">{t('request.emptyBody')}</Text>
      )}
      {body.kind === 'binary' && (
        <Text color="secondary">
          {t('request.binary', { size: formatBytes(body.size) })}
        </Text>
      )}
      {body.kind === 'text' && (
        <CodeBlock text={body.text} label={t('request.answerBody')} wrap />
      )}
      {answer.truncated && (
        <Alert
          status="warning"
          icon
          title={t('request.truncated', {
            size: formatBytes(
              body.kind === 'binary'
                ? body.size
                : new TextEncoder().encode(answer.body).length,
            ),
          })}
        />
      )}
      {answer.headers.length > 0 && (
        <Accordion>
          <AccordionTrigger
            title={t('request.answerHeaders', {
              count: answer.headers.length,
            })}
          />
          <AccordionPanel>
            <FactList
              facts={joinRepeated(answer.headers).map(([label, value]) => ({
                label,
                value,
              }))}
            />
          </AccordionPanel>
        </Accordion>
      )}
    </>
  );
}

function joinRepeated(headers: readonly [string, string][]) {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}\n${value}`);
  }
  return [...joined];
}
