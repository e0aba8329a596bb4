import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Text,
} from '@backstage/ui';
import {
  MASKED_VALUE,
  type WasmModule,
} from '@wasi-functions/backstage-plugin-wasi-common';
import { stringify } from 'yaml';
import { wasiTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { CopyButton } from '../CopyButton';
import styles from './ModuleYaml.module.css';

/** The resource as YAML, to read and to copy. */
export function ModuleYaml(props: { module: WasmModule }) {
  const { t } = useTranslationRef(wasiTranslationRef);
  const { module } = props;
  const text = stringify(module, { lineWidth: 0 });
  return (
    <Accordion>
      <AccordionTrigger title={t('yaml.heading')} />
      <AccordionPanel>
        <div className={styles.root}>
          <div className={styles.bar}>
            {text.includes(MASKED_VALUE) && (
              <Text variant="body-small" color="secondary">
                {t('yaml.masked')}
              </Text>
            )}
            <CopyButton text={text} what={t('yaml.copyWhat')} />
          </div>
          <CodeBlock
            text={text}
            label={t('yaml.label', { name: module.metadata.name })}
          />
        </div>
      </AccordionPanel>
    </Accordion>
  );
}
