import { useTranslationRef } from '@backstage/frontend-plugin-api';
import type { ModuleView } from '@wasi-functions/backstage-plugin-wasi-common';
import { moduleKey } from '../../format';
import { wasiTranslationRef } from '../../translation';
import { HealthStatus } from '../HealthStatus';
import styles from './ModuleNav.module.css';

/** The modules of an entity, one of them chosen. */
export function ModuleNav(props: {
  modules: readonly ModuleView[];
  selected: string;
  onSelect: (key: string) => void;
}) {
  const { t } = useTranslationRef(wasiTranslationRef);
  return (
    <nav aria-label={t('modules.label')}>
      <ul className={styles.list}>
        {props.modules.map(({ ref, health }) => {
          const key = moduleKey(ref);
          return (
            <li key={key}>
              <button
                type="button"
                className={styles.item}
                aria-current={key === props.selected || undefined}
                onClick={() => props.onSelect(key)}
              >
                <span className={styles.name}>{ref.name}</span>
                <span className={styles.place}>
                  {ref.cluster} / {ref.namespace}
                </span>
                <HealthStatus state={health.state} />
              </button>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
