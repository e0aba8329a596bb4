import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Checkbox } from '@backstage/ui';
import type { Deployment } from '@wasi-functions/backstage-plugin-wasi-common';
import { formatBytes } from '../../format';
import { wasiTranslationRef } from '../../translation';
import { ActorName } from '../ActorName';
import { Age } from '../Age';
import { DataTable, type DataColumn } from '../DataTable';
import { ShortDigest } from '../ShortDigest';
import styles from './DeploymentHistory.module.css';
import { DeploymentOutcome } from './DeploymentOutcome';

/** One page of the history, newest first. */
export function DeploymentTable(props: {
  deployments: readonly Deployment[];
  now: number;
  /** Says which module each is of, where there are several. */
  withModule: boolean;
  /** Those that are chosen to be compared. */
  chosen: readonly Deployment[];
  onChoose: (deployment: Deployment, chosen: boolean) => void;
  onShow: (deployment: Deployment) => void;
  canRollBack: (deployment: Deployment) => boolean;
  onRollBack: (deployment: Deployment) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { chosen } = props;
  const isChosen = (deployment: Deployment) =>
    chosen.some(({ id }) => id === deployment.id);
  const columns: (DataColumn<Deployment> | false)[] = [
    {
      id: 'what',
      label: t('deployments.what'),
      isRowHeader: true,
      cell: deployment => (
        <div className={styles.what}>
          <Checkbox
            className={styles.choice}
            isSelected={isChosen(deployment)}
            isDisabled={chosen.length >= 2 && !isChosen(deployment)}
            onChange={selected => props.onChoose(deployment, selected)}
            aria-label={t('deployments.choose', {
              what: describe(deployment),
            })}
          />
          <div>
            <div>{t(`deployments.action.${deployment.action}`)}</div>
            <div className={styles.note}>
              <ActorName actor={deployment.actor} />,{' '}
              {t(`deployments.origin.${deployment.origin}`)}
            </div>
          </div>
        </div>
      ),
    },
    props.withModule && {
      id: 'module',
      label: t('deployments.module'),
      cell: ({ ref }) => (
        <>
          <div>{ref.name}</div>
          <div className={styles.note}>
            {ref.cluster} / {ref.namespace}
          </div>
        </>
      ),
    },
    {
      id: 'result',
      label: t('deployments.result'),
      cell: deployment => <DeploymentOutcome deployment={deployment} />,
    },
    {
      id: 'version',
      label: t('deployments.version'),
      cell: deployment => (
        <>
          <ShortDigest image={deployment.image} digest={deployment.digest} />
          {deployment.size !== undefined && (
            <div className={styles.note}>{formatBytes(deployment.size)}</div>
          )}
        </>
      ),
    },
    {
      id: 'when',
      label: t('deployments.when'),
      cell: ({ startedAt }) => (
        <span className={styles.when}>
          <Age time={startedAt} now={props.now} />
        </span>
      ),
    },
    {
      id: 'actions',
      label: t('deployments.actions'),
      cell: deployment => (
        <div className={styles.actions}>
          <Button
            variant="secondary"
            size="small"
            aria-label={t('deployments.detailsOf', {
              what: describe(deployment),
            })}
            onPress={() => props.onShow(deployment)}
          >
            {t('deployments.details')}
          </Button>
          {props.canRollBack(deployment) && (
            <Button
              variant="secondary"
              size="small"
              aria-label={t('deployments.rollBackOf', {
                what: describe(deployment),
              })}
              onPress={() => props.onRollBack(deployment)}
            >
              {t('deployments.rollBack')}
            </Button>
          )}
        </div>
      ),
    },
  ];
  return (
    <DataTable
      label={t('deployments.heading')}
      rows={props.deployments}
      rowKey={({ id }) => id}
      columns={columns.filter(column => column !== false)}
    />
  );

  function describe({ action, ref, startedAt }: Deployment): string {
    return t('deployments.named', {
      action: t(`deployments.action.${action}`),
      name: ref.name,
      time: new Date(startedAt).toLocaleString(),
    });
  }
}
