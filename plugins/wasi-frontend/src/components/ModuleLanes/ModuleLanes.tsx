import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text } from '@backstage/ui';
import type {
  ClusterIdentity,
  ClusterView,
  ModuleListAnswer,
  ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { useId } from 'react';
import { formatAge, heardMs, moduleKey } from '../../format';
import type { SignIn } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { Age } from '../Age';
import { ClusterCaller } from '../ClusterCaller';
import { ErrorNotice } from '../ErrorNotice';
import { HealthStatus } from '../HealthStatus';
import { readVersion } from '../ShortDigest';
import { SignInNotice } from '../SignInNotice';
import { compareVersions, type FunctionVersions } from './compareVersions';
import styles from './ModuleLanes.module.css';
import { toLanes, type Lane } from './toLanes';

/** The modules of an entity side by side, a lane per cluster, one of them chosen. */
export function ModuleLanes(props: {
  answer: ModuleListAnswer;
  /** Clusters that show more to who signs in. */
  signIns: readonly SignIn[];
  /** What is known of the clusters; none while that is asked for. */
  clusters: readonly ClusterView[];
  selected: string | undefined;
  now: number;
  onSelect: (key: string) => void;
  onSignIn: (cluster: string) => Promise<void>;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const compared = compareVersions(props.answer.items);
  return (
    <nav aria-label={t('modules.label')} className={styles.root}>
      {compared.length > 0 && (
        <ul className={styles.versions}>
          {compared.map(one => (
            <li key={one.name}>
              <Text color="secondary">{describe(one)}</Text>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.lanes}>
        {toLanes(props.answer, props.signIns).map(lane => {
          const cluster = props.clusters.find(
            ({ name }) => name === lane.cluster,
          );
          return (
            <ClusterLane
              key={lane.cluster}
              {...props}
              lane={lane}
              title={cluster?.title ?? lane.cluster}
              identity={cluster?.identity}
              compared={compared}
            />
          );
        })}
      </div>
    </nav>
  );

  function describe({ name, modules, versions, pinned }: FunctionVersions) {
    if (versions.length > 1) {
      return t('lanes.versions', { name, total: String(versions.length) });
    }
    const total = String(modules.length);
    return pinned
      ? t('lanes.sameVersion', { name, total, version: versions[0] })
      : t('lanes.sameTag', { name, total, tag: versions[0] });
  }
}

function ClusterLane(props: {
  lane: Lane;
  title: string;
  identity: ClusterIdentity | undefined;
  compared: FunctionVersions[];
  selected: string | undefined;
  now: number;
  onSelect: (key: string) => void;
  onSignIn: (cluster: string) => Promise<void>;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const headingId = useId();
  const { lane, identity } = props;
  return (
    <section aria-labelledby={headingId} className={styles.lane}>
      <div>
        <Text as="h3" variant="body-medium" weight="bold" id={headingId}>
          {t('states.cluster', { cluster: props.title })}
        </Text>
        {identity && <ClusterCaller identity={identity} />}
      </div>
      {lane.problems.map(problem => (
        <ErrorNotice
          key={`${problem.code} ${problem.message}`}
          status="warning"
          error={problem}
          note={
            lane.modules.length > 0
              ? t('states.clusterStale', {
                  age: formatAge(heardMs(lane.modules), props.now),
                })
              : undefined
          }
        />
      ))}
      {lane.signIn && (
        <SignInNotice
          to={lane.signIn}
          title={props.title}
          onSignIn={props.onSignIn}
        />
      )}
      <ul className={styles.list}>
        {lane.modules.map(view => (
          <li key={moduleKey(view.ref)}>
            <ModuleButton {...props} view={view} />
          </li>
        ))}
        {lane.missing.map(ref => (
          <li key={moduleKey(ref)} className={styles.missing}>
            <span className={styles.name}>{ref.name}</span>
            <span className={styles.place}>{ref.namespace}</span>
            <HealthStatus state="missing" />
          </li>
        ))}
      </ul>
    </section>
  );
}

function ModuleButton(props: {
  view: ModuleView;
  compared: FunctionVersions[];
  selected: string | undefined;
  now: number;
  onSelect: (key: string) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { ref, health, module } = props.view;
  const key = moduleKey(ref);
  const differs = props.compared.some(
    ({ modules, versions }) =>
      versions.length > 1 && modules.includes(props.view),
  );
  const { text } = readVersion(module.spec.image);
  return (
    <button
      type="button"
      className={styles.item}
      aria-current={key === props.selected || undefined}
      onClick={() => props.onSelect(key)}
    >
      <span className={styles.name}>{ref.name}</span>
      <span className={styles.place}>{ref.namespace}</span>
      <HealthStatus state={health.state} />
      <span className={styles.version} data-differs={differs || undefined}>
        {t('lanes.version')} <code>{text}</code>
      </span>
      {module.metadata.creationTimestamp && (
        <span className={styles.place}>
          {t('lanes.created')}{' '}
          <Age
            time={module.metadata.creationTimestamp}
            now={props.now + (props.view.clusterAheadMs ?? 0)}
          />
        </span>
      )}
    </button>
  );
}
