import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Flex, Link, Skeleton, Text, VisuallyHidden } from '@backstage/ui';
import {
  isWasiError,
  type ModuleView,
} from '@wasi-functions/backstage-plugin-wasi-common';
import type { ReactNode } from 'react';
import { answeredMs, formatAge, moduleKey } from '../../format';
import type { ModulesState, SignIn } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ClusterProblems } from '../ClusterProblems';
import { ErrorNotice } from '../ErrorNotice';
import { FactList } from '../FactList';
import { HealthStatus } from '../HealthStatus';
import { InlineCode } from '../InlineCode';
import { MissingModules } from '../MissingModules';
import { ModuleAddress } from '../ModuleAddress';
import { Section } from '../Section';

/** The modules of an entity in brief: health, address and size. */
export function ModuleSummaryCard(props: {
  state: ModulesState;
  /** Clusters that show more to who signs in, which the tab is for. */
  signIns: readonly SignIn[];
  awaits: boolean;
  now: number;
  onRetry: () => void;
  renderSize: (view: ModuleView) => ReactNode;
  /** What is said of catalog-driven deploys, where the entity asks for them. */
  sync?: ReactNode;
  /** Where everything about the modules is. */
  detailsHref?: string;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { state } = props;
  return (
    <Section title={t('card.title')}>
      {state.phase === 'loading' && (
        <div role="status">
          <VisuallyHidden>{t('states.loading')}</VisuallyHidden>
          <Skeleton width="100%" height={72} />
        </div>
      )}
      {state.phase === 'failed' &&
        (isWasiError(state.error) &&
        state.error.code === 'ENTITY_NOT_LINKED' ? (
          <Text color="secondary">{t('card.none')}</Text>
        ) : (
          <ErrorNotice error={state.error} onRetry={props.onRetry} />
        ))}
      {state.phase === 'loaded' && (
        <>
          {state.staleBecause && (
            <ErrorNotice
              status="warning"
              title={t('states.staleTitle', {
                age: formatAge(answeredMs(state), props.now),
              })}
              error={state.staleBecause}
              onRetry={props.onRetry}
            />
          )}
          <ClusterProblems answer={state.answer} now={props.now} />
          {state.answer.missing.length > 0 ? (
            <MissingModules missing={state.answer.missing} />
          ) : (
            state.answer.items.length === 0 &&
            state.answer.problems.length === 0 &&
            props.signIns.length === 0 &&
            !props.awaits && <Text color="secondary">{t('card.none')}</Text>
          )}
          {state.answer.items.map(view => (
            <ModuleSummary
              key={moduleKey(view.ref)}
              view={view}
              size={props.renderSize(view)}
            />
          ))}
          {props.signIns.map(({ cluster }) => (
            <Text key={cluster} color="secondary">
              {t('signIn.card', { cluster })}
            </Text>
          ))}
          {props.sync}
          {props.detailsHref && (
            <span>
              <Link href={props.detailsHref}>{t('card.details')}</Link>
            </span>
          )}
        </>
      )}
    </Section>
  );
}

function ModuleSummary(props: { view: ModuleView; size: ReactNode }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { ref, health, module } = props.view;
  return (
    <Flex direction="column" gap="2">
      <Text as="h4" variant="body-medium" weight="bold">
        {ref.name}
      </Text>
      <FactList
        facts={[
          {
            label: t('health.label'),
            value: <HealthStatus state={health.state} />,
          },
          {
            label: t('conditions.message'),
            value: health.state !== 'ready' && (
              <InlineCode text={health.message} />
            ),
          },
          {
            label: t('health.remedy'),
            value: health.remedy && <InlineCode text={health.remedy} />,
          },
          {
            label: t('address.heading'),
            value: <ModuleAddress url={module.status?.address?.url} />,
          },
          { label: t('card.size'), value: props.size },
        ]}
      />
    </Flex>
  );
}
