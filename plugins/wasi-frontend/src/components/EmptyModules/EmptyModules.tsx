import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink, Text } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { ANNOTATION_MODULE } from '@wasi-functions/backstage-plugin-wasi-common';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import { Section } from '../Section';
import styles from './EmptyModules.module.css';

/** No module to show, and the two ways to one. */
export function EmptyModules(props: {
  /** The entity names modules, but there are none. */
  linked: boolean;
  entityName: string;
  createHref: string | undefined;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const example = [
    'metadata:',
    '  annotations:',
    `    ${ANNOTATION_MODULE}: ${props.entityName}`,
  ].join('\n');
  return (
    <Section
      title={t(props.linked ? 'states.emptyTitle' : 'states.notLinkedTitle')}
    >
      {props.linked && <Text>{t('states.emptyText')}</Text>}
      <Text>{t('states.notLinkedText')}</Text>
      <div className={styles.example}>
        <CodeBlock text={example} label={ANNOTATION_MODULE} />
        <CopyButton text={example} what={ANNOTATION_MODULE} />
      </div>
      {props.createHref && (
        <div>
          <ButtonLink href={props.createHref} iconStart={<RiAddLine />}>
            {t('states.createFromTemplate')}
          </ButtonLink>
        </div>
      )}
    </Section>
  );
}
