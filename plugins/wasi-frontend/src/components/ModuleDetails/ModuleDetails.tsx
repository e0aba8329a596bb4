import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button, ButtonLink, Text, VisuallyHidden } from '@backstage/ui';
import {
  RiDeleteBinLine,
  RiGitRepositoryLine,
  RiPencilLine,
  RiRestartLine,
} from '@remixicon/react';
import {
  wasiModuleInvokePermission,
  type ArtifactView,
  type ClusterIdentity,
  type InvokeAnswer,
  type InvokeRequest,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReactNode } from 'react';
import type { Loadable, ModulePermissions } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { Age } from '../Age';
import { ArtifactDetails } from '../ArtifactDetails';
import { ClusterCaller } from '../ClusterCaller';
import { ConditionsTable } from '../ConditionsTable';
import { EventList } from '../EventList';
import { httpUrl } from '../ExternalLink';
import { FactList } from '../FactList';
import { FindingList } from '../FindingList';
import { HealthSummary } from '../HealthSummary';
import { InlineCode } from '../InlineCode';
import { ModuleAddress } from '../ModuleAddress';
import { ModuleConfiguration } from '../ModuleConfiguration';
import type { ModuleAction } from '../ModuleDialogs';
import { ModuleFreshness } from '../ModuleFreshness';
import { ModuleYaml } from '../ModuleYaml';
import { NetworkPermissions } from '../NetworkPermissions';
import { NextSteps } from '../NextSteps';
import { RequestAnswer } from '../RequestAnswer';
import { RequestForm } from '../RequestForm';
import { Section } from '../Section';
import { sortFindings } from './sortFindings';
import styles from './ModuleDetails.module.css';

/** What {@link ModuleDetails} shows and what it calls back for. */
export interface ModuleDetailsProps {
  view: ModuleView;
  /** Where the source of the entity lies. */
  sourceUrl: string | undefined;
  permissions: ModulePermissions;
  /** As whom the module's cluster is called, once that is known. */
  identity: ClusterIdentity | undefined;
  /** How it came to run: its deployments, and those from the catalog. */
  deploys: ReactNode;
  /** The log of the module. */
  log: ReactNode;
  artifact: Loadable<ArtifactView>;
  answer: Loadable<InvokeAnswer>;
  now: number;
  onReloadArtifact: () => void;
  onSend: (request: InvokeRequest) => void;
  onCancel: () => void;
  onAction: (action: ModuleAction) => void;
}

/** Everything about one module. */
export function ModuleDetails(props: ModuleDetailsProps) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { view, permissions, now } = props;
  const { module, ref, health, events } = view;
  // What the cluster dated is as old as by its own clock.
  const clusterNow = now + (view.clusterAheadMs ?? 0);
  const sourceHref = props.sourceUrl && httpUrl(props.sourceUrl);
  const findings = sortFindings(view);
  // Notes stand where they are in nobody's way.
  const urgent = findings.general.some(({ severity }) => severity !== 'info');
  const { spec, status, metadata } = module;
  return (
    <article aria-label={ref.name} className={styles.container}>
      <div className={styles.header}>
        <div>
          <Text as="h2" variant="title-small" weight="bold">
            {ref.name}
          </Text>
          <ModuleFreshness observedAt={view.observedAt} now={now} />
        </div>
        <div className={styles.actions}>
          {sourceHref && (
            <ButtonLink
              href={sourceHref}
              target="_blank"
              rel="noopener noreferrer"
              variant="secondary"
              iconStart={<RiGitRepositoryLine />}
            >
              {t('modules.source')}
              <VisuallyHidden> ({t('address.opensNewTab')})</VisuallyHidden>
            </ButtonLink>
          )}
          {permissions.mayUpdate && (
            <>
              <Button
                variant="secondary"
                iconStart={<RiPencilLine />}
                onPress={() => props.onAction('edit')}
              >
                {t('edit.open')}
              </Button>
              <Button
                variant="secondary"
                iconStart={<RiRestartLine />}
                onPress={() => props.onAction('redeploy')}
              >
                {t('redeploy.open')}
              </Button>
            </>
          )}
          {permissions.mayDelete && (
            <Button
              variant="secondary"
              destructive
              iconStart={<RiDeleteBinLine />}
              onPress={() => props.onAction('delete')}
            >
              {t('delete.open')}
            </Button>
          )}
        </div>
      </div>
      {metadata.deletionTimestamp && (
        <Alert status="info" icon title={t('health.deleting')} />
      )}
      <div className={styles.grid}>
        <Section title={t('health.label')} wide>
          <div className={styles.split}>
            <div className={styles.stack}>
              <HealthSummary name={ref.name} health={health} />
              <FactList
                facts={[
                  {
                    label: t('address.heading'),
                    value: <ModuleAddress url={status?.address?.url} />,
                  },
                  {
                    label: t('modules.cluster'),
                    value: (
                      <>
                        {ref.cluster}
                        {props.identity && (
                          <div>
                            <ClusterCaller identity={props.identity} />
                          </div>
                        )}
                      </>
                    ),
                  },
                  { label: t('modules.namespace'), value: ref.namespace },
                  {
                    label: t('modules.created'),
                    value: metadata.creationTimestamp && (
                      <Age time={metadata.creationTimestamp} now={clusterNow} />
                    ),
                  },
                ]}
              />
            </div>
            <NextSteps view={view} />
          </div>
        </Section>
        {urgent && (
          <Section title={t('findings.heading')} wide>
            <FindingList findings={findings.general} />
          </Section>
        )}
        {props.deploys}
        <div className={styles.column}>
          <Section title={t('request.heading')}>
            {permissions.invoke === 'yes' && (
              <>
                <Text color="secondary">{t('request.description')}</Text>
                <RequestForm
                  pending={props.answer.phase === 'loading'}
                  onSend={props.onSend}
                  onCancel={props.onCancel}
                />
                <RequestAnswer answer={props.answer} />
              </>
            )}
            {permissions.invoke === 'no' && (
              <Text color="secondary">
                <InlineCode
                  text={t('permissions.missing', {
                    permission: wasiModuleInvokePermission.name,
                  })}
                />
              </Text>
            )}
          </Section>
          <Section title={t('artifact.heading')}>
            <ArtifactDetails
              image={spec.image}
              artifact={props.artifact}
              onRetry={props.onReloadArtifact}
            />
          </Section>
        </div>
        <div className={styles.column}>
          <Section title={t('conditions.heading')}>
            <ConditionsTable
              conditions={status?.conditions ?? []}
              now={clusterNow}
              remedy={{ reason: health.reason, text: health.remedy }}
            />
          </Section>
          <Section title={t('network.heading')}>
            <NetworkPermissions network={spec.network} />
          </Section>
          <Section title={t('configuration.heading')}>
            <ModuleConfiguration spec={spec} />
          </Section>
          {!urgent && findings.general.length > 0 && (
            <Section title={t('findings.heading')}>
              <FindingList findings={findings.general} />
            </Section>
          )}
        </div>
        <Section title={t('events.heading')} wide>
          <EventList
            events={events}
            findings={findings.events}
            now={clusterNow}
          />
        </Section>
        {props.log}
        <ModuleYaml module={module} />
      </div>
    </article>
  );
}
