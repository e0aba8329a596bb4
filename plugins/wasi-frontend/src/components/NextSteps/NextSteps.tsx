import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { CopyButton } from '../CopyButton';
import { InlineCode } from '../InlineCode';
import styles from './NextSteps.module.css';

/** What a person would do next with a module in this state. */
export function NextSteps(props: { view: ModuleView }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { health, ref, findings } = props.view;
  const command = `kubectl get wasmmodule ${ref.name} -n ${ref.namespace}`;
  const answers = health.state === 'ready' || health.state === 'idle';
  const blocking = findings.filter(
    ({ code, severity }) =>
      severity !== 'info' &&
      // Said with the network permissions of every module, not as a finding.
      code !== 'OUTGOING_HTTP_NOT_LIMITED',
  );
  const steps = [
    answers && t('next.call'),
    answers && t('next.change'),
    health.state === 'progressing' && t('next.wait'),
    !answers && t('next.logs'),
    blocking.length > 0 && t('next.findings', { count: blocking.length }),
  ].filter(step => typeof step === 'string');
  return (
    <div>
      <Text as="h4" variant="body-medium" weight="bold">
        {t('next.heading')}
      </Text>
      <ul className={styles.list}>
        {steps.map(step => (
          <li key={step}>
            <InlineCode text={step} />
          </li>
        ))}
        <li>
          {t('next.kubectl')}
          <span className={styles.command}>
            <code>{command}</code>
            <CopyButton text={command} what={command} />
          </span>
        </li>
      </ul>
    </div>
  );
}
