import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, ButtonLink } from '@backstage/ui';
import type { ModuleRef } from '@wasi-functions/backstage-plugin-wasi-common';
import { moduleKey } from '../../format';
import { wasiTranslationRef } from '../../translation';
import { InlineCode } from '../InlineCode';
import styles from './MissingModules.module.css';

/** Modules that the entity names and no cluster has, and the ways to them. */
export function MissingModules(props: {
  missing: readonly ModuleRef[];
  /** Where functions are created. */
  createHref?: string;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <Alert
      status="warning"
      icon
      title={t('states.missingTitle')}
      description={
        <>
          <ul className={styles.list}>
            {props.missing.map(ref => (
              <li key={moduleKey(ref)}>
                <code>{moduleKey(ref)}</code>
              </li>
            ))}
          </ul>
          <InlineCode text={t('states.missingText')} />
        </>
      }
      customActions={
        props.createHref && (
          <ButtonLink href={props.createHref} variant="secondary" size="small">
            {t('states.createFromTemplate')}
          </ButtonLink>
        )
      }
    />
  );
}
