import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Skeleton, VisuallyHidden } from '@backstage/ui';
import type { SyncView } from '@wasi-functions/backstage-plugin-wasi-common';
import { useState } from 'react';
import { wasiApiRef } from '../../apis';
import { formatAge, moduleKey } from '../../format';
import { useSync, useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { nameOf } from '../ActorName';
import { Age } from '../Age';
import { ErrorNotice } from '../ErrorNotice';
import { FindingList } from '../FindingList';
import { Section } from '../Section';
import { SuspendDialog } from './SuspendDialog';
import styles from './SyncPanel.module.css';
import { SyncTarget } from './SyncTarget';

/** Catalog-driven deploys of an entity that asks for them, connected to the backend. */
export function SyncPanel(props: {
  entity: CompoundEntityRef;
  mayUpdate: boolean;
  now: number;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { entity, now } = props;
  const { state, refresh } = useSync(entity);
  const { work, start } = useWork();
  const [suspending, setSuspending] = useState(false);

  if (
    state.phase === 'loaded' &&
    !state.answer.enabled &&
    state.answer.findings.length === 0
  ) {
    return null;
  }
  const sync = state.phase === 'loaded' ? state.answer : undefined;
  const change = (task: () => Promise<unknown>) =>
    start(async () => {
      await task();
      refresh();
    });

  return (
    <Section
      title={t('sync.heading')}
      wide
      actions={
        sync?.enabled &&
        props.mayUpdate && (
          <div className={styles.actions}>
            {sync.suspended ? (
              <Button
                variant="secondary"
                size="small"
                isPending={work.phase === 'working'}
                onPress={() => change(() => wasiApi.resumeSync(entity))}
              >
                {t('sync.resume')}
              </Button>
            ) : (
              <>
                <Button
                  variant="secondary"
                  size="small"
                  onPress={() => setSuspending(true)}
                >
                  {t('sync.suspendOpen')}
                </Button>
                <Button
                  variant="secondary"
                  size="small"
                  isPending={work.phase === 'working'}
                  onPress={() => change(() => wasiApi.runSync(entity))}
                >
                  {t('sync.run')}
                </Button>
              </>
            )}
          </div>
        )
      }
    >
      {work.phase === 'failed' && <ErrorNotice error={work.error} />}
      {state.phase === 'loading' && (
        <div role="status">
          <VisuallyHidden>{t('sync.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={72} />
        </div>
      )}
      {state.phase === 'failed' && (
        <ErrorNotice error={state.error} onRetry={refresh} />
      )}
      {state.phase === 'loaded' && state.staleBecause && (
        <ErrorNotice
          status="warning"
          title={t('states.staleTitle', {
            age: formatAge(state.receivedAt, now),
          })}
          error={state.staleBecause}
          onRetry={refresh}
        />
      )}
      {sync && (
        <>
          <Suspension suspended={sync.suspended} now={now} />
          <FindingList findings={sync.findings} />
          <div className={styles.targets}>
            {sync.targets.map(target => (
              <SyncTarget
                key={`${target.environment} ${moduleKey(target.ref)}`}
                target={target}
                now={now}
              />
            ))}
          </div>
        </>
      )}
      {suspending && (
        <SuspendDialog
          onSuspend={async reason => {
            await wasiApi.suspendSync(entity, { reason });
            setSuspending(false);
            refresh();
          }}
          onClose={() => setSuspending(false)}
        />
      )}
    </Section>
  );
}

function Suspension(props: { suspended: SyncView['suspended']; now: number }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { suspended } = props;
  if (!suspended) {
    return null;
  }
  return (
    <Alert
      status="warning"
      icon
      title={t('sync.suspendedBy', { by: nameOf(suspended.by) })}
      description={
        <>
          {suspended.reason && <div>{suspended.reason}</div>}
          <Age time={suspended.at} now={props.now} />
        </>
      }
    />
  );
}
