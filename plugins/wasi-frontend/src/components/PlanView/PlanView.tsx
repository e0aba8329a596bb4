import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Alert,
  Checkbox,
  Text,
} from '@backstage/ui';
import type { Finding } from '@wasi-functions/backstage-plugin-wasi-common';
import { useId, type ReactNode } from 'react';
import type { PlannedWrite } from '../../hooks';
import { wasiTranslationRef } from '../../translation';
import { ErrorNotice } from '../ErrorNotice';
import { FieldChanges } from '../FieldChanges';
import { FindingList } from '../FindingList';
import { Loaded } from '../Loaded';
import styles from './PlanView.module.css';

/** What a write would do: what is found, whose fields it takes, what it changes. */
export function PlanView(props: { write: PlannedWrite }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { write } = props;
  const { work, state } = write;
  return (
    <>
      {write.replanned && (
        <div role="alert">
          <Alert
            status="warning"
            icon
            title={t('plan.againTitle')}
            description={t('plan.againText')}
          />
        </div>
      )}
      {work.phase === 'failed' && !write.replanned && (
        <ErrorNotice error={work.error} />
      )}
      <Loaded state={state} loading={t('plan.loading')} onRetry={write.replan}>
        {({ action, changes, conflicts, findings }) => {
          const owners = [
            ...new Set(changes.flatMap(({ owner }) => owner ?? [])),
          ];
          // What to know stands in nobody's way.
          const others = findings.filter(finding => !isError(finding));
          const table = (
            <FieldChanges
              label={t('plan.label')}
              changes={changes}
              before={t('changes.live')}
              after={t('changes.then')}
              empty={t('plan.none')}
            />
          );
          return (
            <>
              <FindingList findings={findings.filter(isError)} />
              {action === 'delete' && owners.length > 0 && (
                <Alert
                  status="warning"
                  icon
                  title={t('plan.owners', { owners: owners.join(', ') })}
                  description={t('plan.ownersText')}
                />
              )}
              {conflicts.length > 0 && (
                <div className={styles.part}>
                  <Alert
                    status="warning"
                    icon
                    title={t('plan.conflicts', { count: conflicts.length })}
                    description={t('plan.conflictsText')}
                  />
                  <FieldChanges
                    label={t('plan.conflictsLabel')}
                    changes={conflicts}
                    before={t('changes.theirs')}
                    after={t('changes.ours')}
                    empty=""
                  />
                  <Checkbox
                    isSelected={write.force}
                    onChange={write.setForce}
                    isDisabled={work.phase === 'working'}
                  >
                    {t('plan.force')}
                  </Checkbox>
                </div>
              )}
              {action === 'delete' ? (
                // All of the module, which nobody has to read through.
                <Accordion>
                  <AccordionTrigger title={t('plan.heading.delete')} />
                  <AccordionPanel>{table}</AccordionPanel>
                </Accordion>
              ) : (
                <Part heading={t(`plan.heading.${action}`)}>{table}</Part>
              )}
              {others.length > 0 && (
                <Part heading={t('findings.heading')}>
                  <FindingList findings={others} />
                </Part>
              )}
            </>
          );
        }}
      </Loaded>
    </>
  );
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function Part(props: { heading: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.part}>
      <Text as="h4" id={id} variant="body-medium" weight="bold">
        {props.heading}
      </Text>
      {props.children}
    </section>
  );
}
