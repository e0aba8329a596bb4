import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Alert,
  Text,
} from '@backstage/ui';
import {
  DEFAULT_ENVIRONMENT,
  type SyncTargetView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useId } from 'react';
import { wasiTranslationRef } from '../../translation';
import { Age } from '../Age';
import { ErrorNotice } from '../ErrorNotice';
import { ExternalLink } from '../ExternalLink';
import { FactList } from '../FactList';
import { FieldChanges } from '../FieldChanges';
import { InlineCode } from '../InlineCode';
import styles from './SyncPanel.module.css';
import { SyncStatus } from './SyncStatus';
import { TimeUntil } from './TimeUntil';

/** One environment: its state, its source, and what differs. */
export function SyncTarget(props: { target: SyncTargetView; now: number }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const headingId = useId();
  const { target, now } = props;
  const { ref, source, drift, code, remedy, managedBy } = target;
  const failure =
    target.state === 'failed' && code && remedy
      ? { code, remedy, message: target.message }
      : undefined;
  return (
    <section aria-labelledby={headingId} className={styles.target}>
      <Text as="h4" variant="body-medium" weight="bold" id={headingId}>
        {target.environment === DEFAULT_ENVIRONMENT
          ? ref.name
          : t('sync.environment', { environment: target.environment })}
      </Text>
      {failure && <ErrorNotice error={failure} />}
      {managedBy && (
        <Alert
          status="info"
          icon
          title={t('sync.managedBy', { owner: managedBy })}
          description={t('sync.managedByText')}
        />
      )}
      <FactList
        facts={[
          {
            label: t('sync.stateLabel'),
            value: <SyncStatus state={target.state} />,
          },
          {
            label: t('sync.message'),
            value: !failure && <InlineCode text={target.message} />,
          },
          {
            label: t('health.remedy'),
            value: !failure && remedy && <InlineCode text={remedy} />,
          },
          {
            label: t('sync.modeLabel'),
            value: t(`sync.mode.${target.mode}`),
          },
          {
            label: t('sync.target'),
            // Not known before func.yaml was read.
            value: [ref.cluster, ref.namespace, ref.name]
              .filter(part => part !== '')
              .join(' / '),
          },
          {
            label: t('sync.source'),
            value: source.url !== '' && (
              <>
                <ExternalLink url={source.url} />
                {source.overlay && (
                  <div>
                    <ExternalLink url={source.overlay} />
                  </div>
                )}
                {source.revision && (
                  <div className={styles.note}>
                    {t('sync.revision', {
                      revision: source.revision.slice(0, 12),
                    })}
                  </div>
                )}
              </>
            ),
          },
          {
            label: t('sync.pullRequest'),
            value: target.pullRequest && (
              <ExternalLink url={target.pullRequest.url} />
            ),
          },
          {
            label: t('sync.lastRun'),
            value: target.lastRunAt && (
              <Age time={target.lastRunAt} now={now} />
            ),
          },
          {
            label: t('sync.nextRun'),
            value: target.nextRunAt && (
              <TimeUntil time={target.nextRunAt} now={now} />
            ),
          },
        ]}
      />
      {drift.length > 0 && (
        <Accordion>
          <AccordionTrigger title={t('sync.drift', { count: drift.length })} />
          <AccordionPanel>
            <FieldChanges
              label={t('sync.driftLabel', { name: ref.name })}
              changes={drift}
              before={t('changes.live')}
              after={t('sync.wanted')}
              empty=""
            />
          </AccordionPanel>
        </Accordion>
      )}
    </section>
  );
}
