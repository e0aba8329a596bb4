import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, Skeleton, VisuallyHidden } from '@backstage/ui';
import {
  isWasiError,
  type ClusterView,
  type ModuleListAnswer,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReactNode } from 'react';
import { answeredMs, formatAge, moduleKey } from '../../format';
import type { ModulesState, SignIn } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ClusterProblems } from '../ClusterProblems';
import { EmptyModules } from '../EmptyModules';
import { ErrorNotice } from '../ErrorNotice';
import { MissingModules } from '../MissingModules';
import { ModuleLanes, needsLanes } from '../ModuleLanes';
import { SignInNotice } from '../SignInNotice';
import styles from './ModulesView.module.css';

/** What {@link ModulesView} shows and what it calls back for. */
export interface ModulesViewProps {
  state: ModulesState;
  /** Clusters that show more to who signs in. */
  signIns: readonly SignIn[];
  /** A cluster that may well have some has not answered yet. */
  awaits: boolean;
  /** What is known of the clusters. */
  clusters: readonly ClusterView[];
  now: number;
  /** `cluster/namespace/name`; the first module where it names none. */
  selected: string | undefined;
  /** Name of the module that the user has just deleted here. */
  deleted?: string;
  /** Name of the entity, for the example of how to link it. */
  entityName: string;
  createHref: string | undefined;
  onSelect: (key: string) => void;
  onRetry: () => void;
  onSignIn: (cluster: string) => Promise<void>;
  renderModule: (view: ModuleView) => ReactNode;
  /** The deployments of the entity, where there is no module to show them with. */
  renderDeploys: () => ReactNode;
}

/** The modules of an entity in each state: loading, failed, none, some. */
export function ModulesView(props: ModulesViewProps) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  return (
    <div className={styles.root}>
      <div role="status">
        {props.deleted && (
          <Alert
            status="success"
            icon
            title={t('states.deletedTitle', { name: props.deleted })}
            description={t('states.deletedText')}
          />
        )}
      </div>
      {state.phase === 'loading' && <LoadingModules />}
      {state.phase === 'failed' &&
        (isWasiError(state.error) &&
        state.error.code === 'ENTITY_NOT_LINKED' ? (
          <EmptyModules
            linked={false}
            entityName={props.entityName}
            createHref={props.createHref}
          />
        ) : (
          <ErrorNotice error={state.error} onRetry={props.onRetry} />
        ))}
      {state.phase === 'loaded' && (
        <LoadedModules {...props} answer={state.answer} state={state} />
      )}
    </div>
  );
}

function LoadedModules(
  props: ModulesViewProps & {
    answer: ModuleListAnswer;
    state: Extract<ModulesState, { phase: 'loaded' }>;
  },
) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { items, problems, missing } = props.answer;
  const chosen =
    items.find(item => moduleKey(item.ref) === props.selected) ?? items[0];
  // Side by side, each cluster says what is wrong with it in its own lane.
  const side = needsLanes(props.answer, props.signIns);
  const nothing =
    items.length === 0 &&
    problems.length === 0 &&
    missing.length === 0 &&
    props.signIns.length === 0;
  return (
    <>
      {props.state.staleBecause && (
        <ErrorNotice
          status="warning"
          title={t('states.staleTitle', {
            age: formatAge(answeredMs(props.state), props.now),
          })}
          error={props.state.staleBecause}
          onRetry={props.onRetry}
        />
      )}
      <ClusterProblems
        answer={props.answer}
        now={props.now}
        problems={
          side ? problems.filter(({ cluster }) => cluster === '') : problems
        }
      />
      {missing.length > 0 && (
        <MissingModules missing={missing} createHref={props.createHref} />
      )}
      {!side &&
        props.signIns.map(to => (
          <SignInNotice
            key={to.cluster}
            to={to}
            title={titleOf(to.cluster, props.clusters)}
            onSignIn={props.onSignIn}
          />
        ))}
      {nothing && props.awaits && <LoadingModules />}
      {nothing && !props.awaits && (
        <EmptyModules
          linked
          entityName={props.entityName}
          createHref={props.createHref}
        />
      )}
      {items.length === 0 && problems.length > 0 && (
        <div>
          <Button variant="secondary" onPress={props.onRetry}>
            {t('states.retry')}
          </Button>
        </div>
      )}
      {side && (
        <ModuleLanes
          answer={props.answer}
          signIns={props.signIns}
          clusters={props.clusters}
          selected={chosen && moduleKey(chosen.ref)}
          now={props.now}
          onSelect={props.onSelect}
          onSignIn={props.onSignIn}
        />
      )}
      {chosen ? props.renderModule(chosen) : props.renderDeploys()}
    </>
  );
}

function titleOf(cluster: string, clusters: readonly ClusterView[]): string {
  return clusters.find(({ name }) => name === cluster)?.title ?? cluster;
}

function LoadingModules() {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <div role="status" className={styles.loading}>
      <VisuallyHidden>{t('states.loading')}</VisuallyHidden>
      <Skeleton width={180} height={28} />
      <Skeleton width="100%" height={140} />
      <Skeleton width="100%" height={220} />
    </div>
  );
}
