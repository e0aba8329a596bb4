import type { CompoundEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Skeleton, Switch, Text, VisuallyHidden } from '@backstage/ui';
import type {
  Deployment,
  ModuleRef,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useEffect, useRef, useState } from 'react';
import { formatAge, moduleKey } from '../../format';
import { useDeployments, useSameEntity } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import { Section } from '../Section';
import { CompareDialog } from './CompareDialog';
import { DeploymentDialog } from './DeploymentDialog';
import { DeploymentTable } from './DeploymentTable';
import { Pager } from './Pager';
import { RollbackDialog } from './RollbackDialog';
import styles from './DeploymentHistory.module.css';

type Open =
  | { dialog: 'details' | 'rollback'; deployment: Deployment }
  | {
      dialog: 'compare';
      deployment: Deployment;
      other: Deployment | 'live';
    };

/** The history of an entity's modules, connected to the backend: who deployed what, and back to it. */
export function DeploymentHistory(props: {
  entity: CompoundEntityRef;
  /** The module that the page shows; its deployments alone, unless all are asked for. */
  module?: ModuleRef;
  /** Whether the entity has other modules, too. */
  several: boolean;
  mayUpdate: boolean;
  /** Changes when the modules do, which the history may say more about then. */
  moment: string;
  now: number;
  onChanged: () => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { module, now } = props;
  const entity = useSameEntity(props.entity);
  const [all, setAll] = useState(false);
  const [cursors, setCursors] = useState<string[]>([]);
  const [chosen, setChosen] = useState<Deployment[]>([]);
  const [open, setOpen] = useState<Open>();
  const { state, refresh } = useDeployments({
    entity,
    module: all ? undefined : module,
    cursor: cursors.at(-1),
  });

  const { moment } = props;
  const shownMoment = useRef(moment);
  useEffect(() => {
    if (shownMoment.current !== moment) {
      shownMoment.current = moment;
      refresh();
    }
  }, [refresh, moment]);
  const key = all || !module ? '' : moduleKey(module);
  useEffect(() => {
    setCursors([]);
    setChosen([]);
  }, [key]);

  const items = state.phase === 'loaded' ? state.answer.items : [];
  const next = state.phase === 'loaded' ? state.answer.next : undefined;
  const canRollBack = (deployment: Deployment) =>
    props.mayUpdate &&
    deployment.action !== 'delete' &&
    !(cursors.length === 0 && isNewest(deployment, items));
  const close = () => setOpen(undefined);

  // Without a module the page says already that there is nothing.
  const quiet = !module && cursors.length === 0 && items.length === 0;
  if (quiet && state.phase !== 'failed') {
    return null;
  }
  return (
    <Section
      title={t('deployments.heading')}
      wide
      actions={
        <div className={styles.toolbar}>
          {props.several && module && (
            <Switch
              isSelected={all}
              onChange={setAll}
              label={t('deployments.all')}
            />
          )}
          {(items.length > 1 || cursors.length > 0) && (
            <Button
              variant="secondary"
              size="small"
              isDisabled={chosen.length !== 2}
              onPress={() => {
                const [deployment, other] = inOrder(chosen);
                setOpen({ dialog: 'compare', deployment, other });
              }}
            >
              {t('compare.open')}
            </Button>
          )}
        </div>
      }
    >
      {state.phase === 'loading' && (
        <div role="status">
          <VisuallyHidden>{t('deployments.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={120} />
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
      {state.phase === 'loaded' && items.length === 0 && (
        <Text color="secondary">{t('deployments.empty')}</Text>
      )}
      {items.length > 0 && (
        <>
          {items.length > 1 && (
            <Text variant="body-small" color="secondary">
              {t('compare.hint')}
            </Text>
          )}
          <DeploymentTable
            deployments={items}
            now={now}
            withModule={all || !module}
            chosen={chosen}
            onChoose={(deployment, selected) =>
              setChosen(before => [
                ...before.filter(({ id }) => id !== deployment.id),
                ...(selected ? [deployment] : []),
              ])
            }
            onShow={deployment => setOpen({ dialog: 'details', deployment })}
            onRollBack={deployment =>
              setOpen({ dialog: 'rollback', deployment })
            }
            canRollBack={canRollBack}
          />
        </>
      )}
      <Pager
        page={cursors.length + 1}
        isLast={next === undefined}
        onNewer={() => setCursors(before => before.slice(0, -1))}
        onOlder={() => {
          if (next !== undefined) {
            setCursors(before => [...before, next]);
          }
        }}
      />
      {open?.dialog === 'details' && (
        <DeploymentDialog
          entity={entity}
          deployment={current(open.deployment)}
          now={now}
          onCompare={() =>
            setOpen({
              dialog: 'compare',
              deployment: open.deployment,
              other: 'live',
            })
          }
          onRollBack={
            canRollBack(open.deployment)
              ? () =>
                  setOpen({ dialog: 'rollback', deployment: open.deployment })
              : undefined
          }
          onClose={close}
        />
      )}
      {open?.dialog === 'compare' && (
        <CompareDialog
          entity={entity}
          deployment={open.deployment}
          other={open.other}
          onClose={close}
        />
      )}
      {open?.dialog === 'rollback' && (
        <RollbackDialog
          entity={entity}
          deployment={open.deployment}
          onDone={() => {
            close();
            setCursors([]);
            refresh();
            props.onChanged();
          }}
          onClose={close}
        />
      )}
    </Section>
  );

  function current(deployment: Deployment): Deployment {
    return items.find(({ id }) => id === deployment.id) ?? deployment;
  }
}

/** What runs already needs no roll-back to it. */
function isNewest(deployment: Deployment, items: readonly Deployment[]) {
  const key = moduleKey(deployment.ref);
  return items.find(({ ref }) => moduleKey(ref) === key)?.id === deployment.id;
}

function inOrder(chosen: readonly Deployment[]): Deployment[] {
  return [...chosen].sort(
    (a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt),
  );
}
