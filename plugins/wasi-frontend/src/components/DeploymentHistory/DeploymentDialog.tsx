import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Text } from '@backstage/ui';
import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback } from 'react';
import { wasiApiRef } from '../../apis';
import { formatBytes, formatDuration } from '../../format';
import { useLoad } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ActionDialog } from '../ActionDialog';
import { ActorName } from '../ActorName';
import { Age } from '../Age';
import { FactList } from '../FactList';
import { FieldChanges } from '../FieldChanges';
import { Loaded } from '../Loaded';
import styles from './DeploymentHistory.module.css';
import { DeploymentOutcome } from './DeploymentOutcome';

/** One deployment: who, when, from where, and what it changed. */
export function DeploymentDialog(props: {
  entity: CompoundEntityRef;
  deployment: Deployment;
  now: number;
  onCompare: () => void;
  /** Absent where it cannot be rolled back to. */
  onRollBack?: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { entity, deployment, now } = props;
  const { id, ref, size, startedAt, endedAt } = deployment;
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.getDeployment(entity, id, { signal }),
    [wasiApi, entity, id],
  );
  const { state, reload } = useLoad(load);
  return (
    <ActionDialog
      wide
      title={t('deployments.title', {
        action: t(`deployments.action.${deployment.action}`),
        name: ref.name,
      })}
      onClose={props.onClose}
      footer={
        <>
          {deployment.action !== 'delete' && (
            <Button variant="secondary" onPress={props.onCompare}>
              {t('deployments.compareLive')}
            </Button>
          )}
          {props.onRollBack && (
            <Button variant="secondary" onPress={props.onRollBack}>
              {t('deployments.rollBack')}
            </Button>
          )}
          <Button onPress={props.onClose}>{t('common.close')}</Button>
        </>
      }
    >
      <FactList
        facts={[
          {
            label: t('deployments.result'),
            value: <DeploymentOutcome deployment={deployment} />,
          },
          {
            label: t('deployments.by'),
            value: <ActorName actor={deployment.actor} />,
          },
          {
            label: t('deployments.from'),
            value: t(`deployments.origin.${deployment.origin}`),
          },
          { label: t('modules.cluster'), value: ref.cluster },
          { label: t('modules.namespace'), value: ref.namespace },
          {
            label: t('deployments.when'),
            value: <Age time={startedAt} now={now} />,
          },
          {
            label: t('deployments.took'),
            value:
              endedAt &&
              formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
          },
          {
            label: t('artifact.image'),
            value: <code>{deployment.image}</code>,
          },
          {
            label: t('artifact.size'),
            value: size !== undefined && formatBytes(size),
          },
          {
            label: t('deployments.generation'),
            value: deployment.generation?.toString(),
          },
        ]}
      />
      <div className={styles.part}>
        <Text as="h4" variant="body-medium" weight="bold">
          {t('deployments.changes')}
        </Text>
        <Loaded state={state} loading={t('changes.loading')} onRetry={reload}>
          {({ changes }) => (
            <FieldChanges
              label={t('deployments.changes')}
              changes={changes}
              before={t('changes.before')}
              after={t('changes.after')}
              empty={t('deployments.noChanges')}
            />
          )}
        </Loaded>
      </div>
    </ActionDialog>
  );
}
