import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Checkbox, Text } from '@backstage/ui';
import type {
  Deployment,
  PlanAnswer,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useCallback, useState } from 'react';
import { wasiApiRef } from '../../apis';
import { useLoad, useWork } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import { FieldChanges } from '../FieldChanges';
import { FindingList } from '../FindingList';
import { Loaded } from './Loaded';
import styles from './DeploymentHistory.module.css';
import { WideDialog } from './WideDialog';

/** Shows what a roll-back would do, by a dry run, and does it on demand. */
export function RollbackDialog(props: {
  entity: CompoundEntityRef;
  deployment: Deployment;
  onDone: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const wasiApi = useApi(wasiApiRef);
  const { entity, deployment } = props;
  const { id, ref, startedAt } = deployment;
  const load = useCallback(
    (signal: AbortSignal) => wasiApi.planRollback(entity, id, { signal }),
    [wasiApi, entity, id],
  );
  const { state, reload } = useLoad(load);
  const { work, start } = useWork();
  const [force, setForce] = useState(false);
  const plan = state.phase === 'loaded' ? state.value : undefined;
  const contested = plan !== undefined && plan.conflicts.length > 0;

  const confirm = async () => {
    if (
      await start(() =>
        wasiApi.rollBack(entity, id, { force: contested && force }),
      )
    ) {
      props.onDone();
    }
  };

  return (
    <WideDialog
      title={t('rollback.heading', { name: ref.name })}
      onClose={props.onClose}
      footer={
        <>
          <Button variant="secondary" onPress={props.onClose}>
            {t('common.cancel')}
          </Button>
          <Button
            isDisabled={
              !plan || plan.action === 'none' || (contested && !force)
            }
            isPending={work.phase === 'working'}
            onPress={confirm}
          >
            {t('rollback.confirm')}
          </Button>
        </>
      }
    >
      <Text>
        {t('rollback.text', {
          name: ref.name,
          namespace: ref.namespace,
          cluster: ref.cluster,
          time: new Date(startedAt).toLocaleString(),
        })}
      </Text>
      <Loaded state={state} loading={t('rollback.loading')} onRetry={reload}>
        {value => <Plan plan={value} force={force} onForce={setForce} />}
      </Loaded>
      {work.phase === 'failed' && <ErrorNotice error={work.error} />}
    </WideDialog>
  );
}

function Plan(props: {
  plan: PlanAnswer;
  force: boolean;
  onForce: (force: boolean) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { changes, conflicts, findings, action } = props.plan;
  return (
    <>
      {findings.length > 0 && (
        <div className={styles.part}>
          <Text as="h4" variant="body-medium" weight="bold">
            {t('findings.heading')}
          </Text>
          <FindingList findings={findings} />
        </div>
      )}
      {conflicts.length > 0 && (
        <div className={styles.part}>
          <Alert
            status="warning"
            icon
            title={t('rollback.conflicts', { count: conflicts.length })}
            description={t('rollback.conflictsText')}
          />
          <FieldChanges
            label={t('rollback.conflictsLabel')}
            changes={conflicts}
            before={t('changes.theirs')}
            after={t('changes.ours')}
            empty=""
          />
          <Checkbox isSelected={props.force} onChange={props.onForce}>
            {t('rollback.force')}
          </Checkbox>
        </div>
      )}
      <div className={styles.part}>
        <Text as="h4" variant="body-medium" weight="bold">
          {action === 'create' ? t('rollback.creates') : t('rollback.changes')}
        </Text>
        <FieldChanges
          label={t('rollback.changes')}
          changes={changes}
          before={t('changes.live')}
          after={t('changes.then')}
          empty={t('rollback.none')}
        />
      </div>
    </>
  );
}
